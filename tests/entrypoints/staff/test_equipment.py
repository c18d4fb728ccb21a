"""Equipment in the shop and by technicians (FIX-2, FIX-3): out, back, exchanged; act, money, trail."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import equipment as paying
from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines import models
from abonent.domains.lines.equipment import actions as things
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.lines.equipment.rules import Kind, Offer, Terms, Way, check_digit
from abonent.domains.lines.queries import Line, account_of
from abonent.domains.support import models as support_tables
from abonent.domains.support.rules import Role
from abonent.foundation.audit.models import Entry
from abonent.foundation.clock import now
from tests.factories import billing, fixed, identity, support
from tests.factories import network as networks
from tests.factories.cabinet import queries_of, words

pytestmark = pytest.mark.django_db
SERIAL = "OW6A00077K"
RENT = Terms("rented", month_minor=9_900)
WHOLE = Terms("instalments", price_minor=349_000, parts=1)
PARTS = Terms("instalments", price_minor=100_000, parts=3)
OTHER_CARD = "88000000777" + check_digit("88000000777")


@pytest.fixture(autouse=True)
def published(settings: Any, tmp_path: Any) -> None:
    settings.AUDIT_HEAD = tmp_path / "audit-head"
    for code, kind, model, ways, months in (
        ("wave", Kind.ROUTER, "Orbita Wave", {Way.RENT: RENT, Way.SALE: WHOLE, Way.INSTALMENTS: PARTS}, 12),
        ("card", Kind.CARD, "Orbita Sky", {Way.FREE: Terms()}, 0),
    ):
        things.publish(code=code, valid_from=date(2026, 1, 1), offer=Offer(kind, model, months, ways))


class Desk:
    """A shop with the customer of a line by wire in front of it."""

    def __init__(self, line: Line) -> None:
        self.line, self.agent = line, support.agent(Role.SHOP)
        support.known(line)
        self.client = support.browser(self.agent)
        self.page = f"/staff/case/{support.visited(self.agent, line)}/equipment/"

    def send(self, act: str, client: Client | None = None, **more: str) -> str:
        """Send a form; return its problem in words, empty when it was done."""
        response = (client or self.client).post(self.page, {"id": str(uuid4()), "act": act, **more})
        if response.status_code == 302:
            return ""
        found = re.search(r'role="alert".*?<span>(.*?)</span>', response.content.decode(), re.S)
        assert found, response.content.decode()[:500]
        return found[1]

    def give(self, way: str = "rent", serial: str = SERIAL, *, code: str = "wave", **more: str) -> str:
        model = models.DeviceModel.objects.get(code=code).pk
        return self.send("give", **{"model": f"{model} {way}", "serial": serial, "agreed": "1", **more})

    @property
    def device(self) -> models.Device:
        return models.Device.objects.get(line_id=self.line.id)


@pytest.fixture
def desk() -> Desk:
    return Desk(fixed.line())


def charged(line: Line) -> list[tuple[Any, ...]]:
    return billing.rows(f"select rule, amount_minor from billing_charge where line_id = {line.id} order by booked_at")


@pytest.mark.parametrize(
    ("way", "terms", "first"),
    [
        ("rent", RENT, ("equipment-rent", 9_900)),
        ("sale", WHOLE, ("equipment-part", 349_000)),
        ("instalments", PARTS, ("equipment-part", 33_334)),
    ],
)
def test_fix_2_what_is_handed_out_begins_to_be_paid_that_day_and_once(
    desk: Desk, way: str, terms: Terms, first: tuple[str, int]
) -> None:
    assert desk.give(way) == ""
    device = desk.device
    assert (device.serial, Terms.from_json(device.terms), device.model) == (SERIAL, terms, "Orbita Wave")
    assert device.warranty_until is not None
    assert device.warranty_until > device.since + timedelta(days=360)
    assert charged(desk.line) == [first]
    paying.charge_due(at=now())
    assert charged(desk.line) == [first]
    act = support_tables.Act.objects.get()
    assert (act.kind, act.serial, act.place) == ("given", SERIAL, f"case {desk.page.split('/')[3]}")
    entry = Entry.objects.latest("number")
    assert (entry.action, entry.subject) == ("equipment given", act.place)


def test_fix_2_the_same_form_twice_is_one_thing_one_act_and_one_charge(desk: Desk) -> None:
    form = {
        "id": str(uuid4()), "act": "give", "model": f"{models.DeviceModel.objects.get(code='wave').pk} rent",
        "serial": SERIAL, "agreed": "1",
    }  # fmt: skip
    assert [desk.client.post(desk.page, form).status_code for _ in range(2)] == [302, 302]
    assert (models.Device.objects.count(), support_tables.Act.objects.count()) == (1, 1)
    assert len(charged(desk.line)) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"agreed": ""}, "отметьте"),
        ({"serial": "12"}, "серийном номере"),
        ({"serial": ""}, "серийном номере"),
        ({"model": ""}, "выберите"),
        ({"model": "1 gift"}, "выберите"),
        ({"model": f"{2**63 - 1} rent"}, "выберите"),
        ({"id": "x"}, "не полностью"),
        ({"act": "take"}, "не полностью"),
    ],
)
def test_fix_2_a_wrong_form_says_what_to_do_and_changes_nothing(desk: Desk, more: dict[str, str], said: str) -> None:
    form = {"model": f"{models.DeviceModel.objects.get(code='wave').pk} rent", "serial": SERIAL, "agreed": "1"}
    act = more.get("act", "give")
    problem = desk.send(act, **{**form, **{name: value for name, value in more.items() if name != "act"}})
    assert said in problem, problem
    assert not models.Device.objects.exists()
    assert not support_tables.Act.objects.exists()
    assert charged(desk.line) == []


def test_fix_2_prices_that_changed_since_the_form_was_shown_hand_nothing_out(desk: Desk) -> None:
    old = models.DeviceModel.objects.get(code="wave").pk
    dearer = Terms("rented", month_minor=19_900)
    offer = Offer(Kind.ROUTER, "Orbita Wave", 12, {Way.RENT: dearer})
    things.publish(code="wave", valid_from=date(2026, 6, 1), offer=offer)
    assert "выберите" in desk.send("give", model=f"{old} rent", serial=SERIAL, agreed="1")
    assert not models.Device.objects.exists()


def assert_refused(response: Any, said: str) -> None:
    assert response.status_code == 409
    assert said in response.content.decode()


def test_fix_2_after_the_talk_nothing_is_handed_out_and_its_page_says_so(desk: Desk) -> None:
    talk = desk.page.removesuffix("equipment/")
    desk.client.post(f"{talk}close/", {"outcome": "конец"})
    form = {"id": str(uuid4()), "act": "give", "serial": SERIAL, "agreed": "1",
            "model": f"{models.DeviceModel.objects.get(code='wave').pk} rent"}  # fmt: skip
    assert_refused(desk.client.post(desk.page, form), "Обращение завершено. Чтобы продолжить, откройте новое.")
    assert not models.Device.objects.exists()
    assert not support_tables.Act.objects.exists()
    assert desk.client.get(desk.page)["Location"] == talk


def test_fix_2_a_thing_that_is_with_somebody_else_is_not_handed_out_again(desk: Desk) -> None:
    fixed.hand_out(fixed.line("net-000002"), serial=SERIAL)
    assert "уже" in desk.give()
    assert models.Device.objects.count() == 1
    assert not support_tables.Act.objects.exists()


def test_fix_2_what_is_rented_comes_back_and_costs_nothing_from_the_next_month_on(desk: Desk) -> None:
    desk.give()
    assert desk.send("return", device=f"{desk.device.pk}") == ""
    assert desk.device.until is not None
    with time_machine.travel(now() + timedelta(days=70), tick=False):
        paying.charge_due(at=now())
    assert charged(desk.line) == [("equipment-rent", 9_900)]
    assert "вернулось" in desk.send("return", device=f"{desk.device.pk}")
    assert [act.kind for act in support_tables.Act.objects.order_by("id")] == ["given", "returned"]


def test_fix_2_what_was_sold_is_not_taken_back(desk: Desk) -> None:
    desk.give("sale")
    assert "продано" in desk.send("return", device=f"{desk.device.pk}")
    assert desk.device.until is None


def test_fix_2_a_broken_thing_is_exchanged_and_what_is_paid_goes_on(desk: Desk) -> None:
    desk.give("instalments")
    device = desk.device
    more = {"device": f"{device.pk}", "serial": "ow6a 00088 k"}
    assert "что не так" in desk.send("exchange", **more, why="")
    assert desk.send("exchange", **more, why="Не включается") == ""
    assert (desk.device.serial, desk.device.since, desk.device.terms) == ("OW6A00088K", device.since, device.terms)
    act = support_tables.Act.objects.get(kind="exchanged")
    assert (act.serial_before, act.serial, act.why) == (SERIAL, "OW6A00088K", "Не включается")
    assert charged(desk.line) == [("equipment-part", 33_334)]


def test_fix_2_after_the_warranty_what_was_sold_is_not_exchanged_for_nothing(desk: Desk) -> None:
    desk.give("sale")
    models.Device.objects.update(warranty_until=now().date() - timedelta(days=2))
    assert (
        "гарантия"
        in desk.send("exchange", device=f"{desk.device.pk}", serial="OW6A00088K", why="Не включается").lower()
    )
    assert desk.device.serial == SERIAL


def test_fix_2_things_of_another_line_cannot_be_named(desk: Desk) -> None:
    other = fixed.hand_out(fixed.line("net-000002"), terms=fixed.RENTED)
    for act in ("return", "exchange"):
        form = {"id": str(uuid4()), "act": act, "device": f"{other}", "serial": "OW6A00088K", "why": "Не включается"}
        assert desk.client.post(desk.page, form).status_code == 404
    assert models.Device.objects.get(id=other).until is None


def test_fix_3_a_new_card_gets_its_channels_sent(settings: Any) -> None:
    networks.open_network(settings)
    desk = Desk(fixed.satellite())
    card = desk.device
    assert "12 цифр" in desk.send("exchange", device=f"{card.pk}", serial="880000007771", why="Не читается")
    assert desk.send("exchange", device=f"{card.pk}", serial=OTHER_CARD, why="Не читается") == ""
    assert equipment_queries.card_of(desk.line.id) == OTHER_CARD
    act = support_tables.Act.objects.get()
    assert act.activated
    assert models.Activation.objects.get().id == act.form_id
    assert "каналы" in words(desk.client, desk.page).lower()


def test_fix_2_the_act_is_a_page_to_sign_and_only_who_made_it_gets_it(desk: Desk) -> None:
    desk.give()
    act = support_tables.Act.objects.get()
    paper = desk.client.get(f"/staff/acts/{act.pk}.pdf")
    assert (paper.status_code, paper["Content-Type"], paper.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert "Акт" in words(desk.client, desk.page)
    other = support.browser(support.agent(Role.SHOP))
    assert other.get(f"/staff/acts/{act.pk}.pdf").status_code == 404
    assert desk.client.get("/staff/acts/999999.pdf").status_code == 404


def test_fix_2_the_owner_reads_of_it_in_an_sms_and_in_the_journal() -> None:
    own = support.customer()
    line = fixed.line(of=own)
    Desk(line).give()
    said = identity.last_text(own.number)
    for part in ("Orbita Wave", "••••077K", "99,00", "/equipment/"):
        assert part in said, said
    account_id = account_of(own.id)
    assert SecurityEvent.objects.filter(account_id=account_id, kind="agent acted", detail__deed="equipment").exists()


def test_fix_2_it_needs_the_check_the_permission_and_a_line_by_wire() -> None:
    line = fixed.line()
    support.known(line)
    shop = support.agent(Role.SHOP)
    client = support.browser(shop)
    case_id = support.case(shop, line, support.Contact.VISIT)
    assert client.get(f"/staff/case/{case_id}/equipment/").status_code == 302, "nobody was checked"
    agent = support.agent(Role.CONTACT_CENTRE)
    case_id = support.checked(agent, line)
    assert support.browser(agent).get(f"/staff/case/{case_id}/equipment/").status_code == 403
    mobile = Desk(support.customer())
    assert mobile.client.get(mobile.page).status_code == 404
    assert not models.Device.objects.exists()


def test_fix_2_the_page_asks_the_database_as_often_for_one_thing_as_for_five(desk: Desk) -> None:
    desk.give()
    before = queries_of(desk.client, desk.page)
    for number in range(4):
        desk.give(serial=f"OW6A9000{number}")
    assert queries_of(desk.client, desk.page) == before


def test_fix_2_a_technician_hands_out_at_home_and_the_customer_reads_what_was_installed() -> None:
    line = support.customer()
    fixed.place(line)
    models.Line.objects.filter(id=line.id).update(service="internet")
    with time_machine.travel(fixed.AT, tick=False):
        visit_id = fixed.booked(line)
    page = f"/staff/visits/{visit_id}/"
    model = models.DeviceModel.objects.get(code="wave").pk
    with time_machine.travel(fixed.FIRST - timedelta(minutes=30), tick=False):
        client = support.browser(support.agent(Role.TECHNICIAN))
        form = {"id": str(uuid4()), "act": "give", "model": f"{model} rent", "serial": SERIAL, "agreed": "1"}
        assert_refused(client.post(f"{page}equipment/", form), "визит завершён или никто ещё не выехал")
        assert not models.Device.objects.exists()
        assert client.get("/staff/visits/").status_code == 200
        assert client.get(f"/staff/requests/{support_tables.Visit.objects.get().request_id}/").status_code == 403
        assert client.post(f"{page}set-out/").status_code == 302
        assert client.post(f"{page}equipment/", form).status_code == 302
        shown = client.get(page).content.decode()
        typed = re.search(r"<textarea[^>]*>(.*?)</textarea>", shown, re.S)
        assert typed
        assert SERIAL in typed[1]
        assert client.post(f"{page}end/", {"key": str(uuid4()), "act": "done", "text": typed[1]}).status_code == 302
        late = client.post(f"{page}equipment/", {**form, "id": str(uuid4()), "serial": "OW6A00099"})
        assert_refused(late, "визит завершён или никто ещё не выехал")
        assert client.get(f"{page}equipment/")["Location"] == page
    assert models.Device.objects.count() == 1, "nothing after the visit"
    assert support_tables.Visit.objects.get().state == "done"
    assert support_tables.RequestNote.objects.filter(text__contains=SERIAL, internal=False).exists()
    assert support_tables.Act.objects.get().place == f"visit {visit_id}"
    assert charged(line) == [("equipment-rent", 9_900)]
