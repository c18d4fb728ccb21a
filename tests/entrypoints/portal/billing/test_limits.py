"""CAB-19: pages of spending limits: how each number stands, the form, the raise; what a hostile hand gets."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories import cabinet, identity, promised, statement, transfers
from tests.factories import limits as make

pytestmark = pytest.mark.django_db
SET, RAISE = "/limits/set/", "/limits/raise/"


@pytest.fixture(autouse=True)
def _in_the_middle_of_a_month() -> Iterator[None]:
    with time_machine.travel("2026-11-20T09:00:00Z"):
        yield


@pytest.fixture
def anna() -> Line:
    return cabinet.line()


@pytest.fixture
def client(anna: Line) -> Client:
    return identity.browser(anna)


def form(client: Client, address: str = SET, **typed: str) -> dict[str, str]:
    """Return what the form on the page would send with this typed into it."""
    page = client.get(address).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    hidden.pop("csrfmiddlewaretoken", None)
    hidden.pop("next", None)
    return hidden | typed


def set_(client: Client, line: Line, amount: str = "500", reached: str = "block") -> str:
    sent = form(client, f"{SET}?line={line.id}", amount=amount, reached=reached)
    return str(client.post(SET, sent)["Location"])


def test_cab_19_strangers_sign_in_first() -> None:
    for address in ("/limits/", SET, RAISE):
        assert Client().get(address)["Location"].startswith("/login/?next=")


def test_cab_19_without_a_limit_it_says_so_and_offers_one(client: Client, anna: Line) -> None:
    statement.fee(anna, now(), 259_90)
    text = cabinet.words(client, "/limits/")
    assert "259 ,90 ₽ потрачено за ноябрь" in text
    assert "Лимита нет" in text
    assert f'href="{SET}?line={anna.id}"' in client.get("/limits/").content.decode()
    for address in ("/expenses/", "/pay/"):
        assert 'href="/limits/"' in client.get(address).content.decode()


def test_cab_19_a_limit_holds_at_once_and_is_taken_back_with_one_press(client: Client, anna: Line) -> None:
    statement.fee(anna, now(), 412_50)
    assert set_(client, anna) == "/limits/?set"
    text = cabinet.words(client, "/limits/?set")
    for said in (
        "Лимит действует с этого момента",
        "82 % лимита 500,00 ₽",
        "Лимит почти исчерпан",
        "было: без лимита",
    ):
        assert said in text, said
    assert "Не отключаются пакеты" in text, "what it does not stop is said"
    undo = {"line": str(anna.id), "version": "1"}
    assert client.post("/limits/undo/", undo)["Location"] == "/limits/?undone"
    assert "Лимита нет" in cabinet.words(client, "/limits/")
    assert client.post("/limits/undo/", undo)["Location"] == "/limits/?gone"


def test_cab_19_after_ten_minutes_nothing_is_offered_to_take_back(client: Client, anna: Line) -> None:
    set_(client, anna)
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert "Отменить изменение" not in cabinet.words(client, "/limits/")
        assert client.post("/limits/undo/", {"line": anna.id, "version": 1})["Location"] == "/limits/?gone"


def test_cab_19_at_the_limit_it_says_until_when_what_is_refused(client: Client, anna: Line) -> None:
    set_(client, anna)
    make.spend(anna, 600_00)
    text = cabinet.words(client, "/limits/")
    for said in ("120 % лимита 500,00 ₽", "Лимит исчерпан", "До 1 декабря отключено платное"):
        assert said in text, said
    assert 'value="100"' in client.get("/limits/").content.decode(), "a bar ends at its end"
    assert "лимит на этот месяц исчерпан: 600,00 ₽ из 500,00 ₽. Платное отключено" in cabinet.words(client).replace(
        "Л", "л"
    )


def test_cab_19_is_raised_for_this_month_in_one_confirmed_act(client: Client, anna: Line) -> None:
    set_(client, anna)
    make.spend(anna, 600_00)
    text = cabinet.words(client, RAISE)
    for said in ("Поднять лимит на ноябрь?", "Уже потрачено 600,00 ₽", "Лимит сейчас 500,00 ₽", "по 30 ноября",
                 "С 1 декабря снова 500,00 ₽", "Поднять на ноябрь"):  # fmt: skip
        assert said in text, said
    sent = form(client, RAISE, amount="1 000,50")
    for _ in range(2):
        assert client.post(RAISE, sent)["Location"] == "/limits/?raised"
    assert make.stands(anna).limit_minor == 1_000_50
    assert make.stands(anna).version == 2
    assert not make.blocked(anna)
    assert "Поднят на этот месяц; с 1 декабря снова 500,00 ₽" in cabinet.words(client, "/limits/?raised")
    with time_machine.travel("2026-12-01T09:00:00Z"):
        assert make.stands(anna).limit_minor == 500_00


def test_cab_19_the_raise_offers_a_sum_that_helps(client: Client, anna: Line) -> None:
    set_(client, anna)
    make.spend(anna, 1_234_56)
    assert 'name="amount" value="1400"' in client.get(RAISE).content.decode()


def test_cab_19_without_a_limit_there_is_nothing_to_raise(client: Client) -> None:
    assert client.get(RAISE)["Location"] == "/limits/"


def test_cab_19_a_raise_asked_for_before_midnight_raises_no_other_month(anna: Line) -> None:
    with time_machine.travel("2026-11-30T20:59:00Z"):
        client = identity.browser(anna)
        set_(client, anna)
        sent = form(client, RAISE, amount="900")
        assert sent["month"] == "2026-11-01"
    with time_machine.travel("2026-11-30T21:01:00Z"):
        assert client.post(RAISE, sent)["Location"] == "/limits/?gone"
        assert make.stands(anna).terms.raised_for is None
        assert client.post(RAISE, form(client, RAISE, amount="900"))["Location"] == "/limits/?raised"


WRONG = [
    ("", "Введите сумму, например 500"),
    ("   ", "Введите сумму, например 500"),
    ("-5", "больше нуля"),
    ("\N{MINUS SIGN}500", "больше нуля"),
    ("0", "больше нуля"),
    ("0,00", "больше нуля"),
    ("0.001", "копе"),
    ("1,234", "копе"),
    ("9,99", "Введите сумму от "),
    ("1000000,01", "не больше 1 000 000,00 ₽"),
    ("1000000000000", "не больше 1 000 000,00 ₽"),
    ("9" * 41, "не больше 1 000 000,00 ₽"),
    ("пятьсот", "цифрами"),
    ("5e3", "цифрами"),
    ("½", "цифрами"),
    ("<script>alert(1)</script>", "цифрами"),
    ("\x00", "Введите сумму, например 500"),
]


@pytest.mark.parametrize(
    ("address", "typed", "said"), [*((SET, *wrong) for wrong in WRONG), *((RAISE, *wrong) for wrong in WRONG[::4])]
)
def test_cab_19_says_what_to_do_about_a_wrong_sum_and_loses_nothing(
    client: Client, anna: Line, address: str, typed: str, said: str
) -> None:
    make.limited(anna, 300_00)
    response = client.post(address, form(client, address, amount=typed, reached="tell"))
    page = response.content.decode()
    text = html.unescape(page).replace("\xa0", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert said in text
    assert "Ошибка:" in text
    assert "<script>alert" not in page
    assert f'name="amount" value="{html.escape(typed.replace(chr(0), ""))[:60]}' in page
    assert make.stands(anna).limit_minor == 300_00


@pytest.mark.parametrize(
    "typed", ["500", " 500 ", "500,00", "500.0", "500 ₽", "٥٠٠", "५००", "500\N{NO-BREAK SPACE}руб."]
)
def test_cab_19_a_sum_may_be_typed_in_many_ways(client: Client, anna: Line, typed: str) -> None:
    assert set_(client, anna, typed) == "/limits/?set"
    assert make.stands(anna).limit_minor == 500_00


def test_cab_19_a_raise_to_what_it_is_already_is_none(client: Client, anna: Line) -> None:
    set_(client, anna)
    assert "500,01" in client.post(RAISE, form(client, RAISE, amount="500")).content.decode()


def test_cab_19_a_raise_below_what_is_spent_names_what_helps(client: Client, anna: Line) -> None:
    set_(client, anna)
    make.spend(anna, 600_00)
    page = client.post(RAISE, form(client, RAISE, amount="600")).content.decode()
    assert "600,01" in page
    assert make.stands(anna).limit_minor == 500_00


@pytest.mark.parametrize("reached", ["", "always", "\x00"])
def test_cab_19_what_happens_at_the_limit_is_to_be_chosen(client: Client, anna: Line, reached: str) -> None:
    page = client.post(SET, form(client, amount="500", reached=reached)).content.decode()
    assert "Выберите, что делать" in page
    assert make.stands(anna).version == 0


def test_cab_19_two_tabs_the_older_form_changes_nothing(client: Client, anna: Line) -> None:
    old = form(client, amount="900", reached="tell")
    set_(client, anna)
    assert client.post(SET, old)["Location"] == "/limits/?gone"
    assert make.stands(anna).limit_minor == 500_00
    assert "ничего не поменяли" in cabinet.words(client, "/limits/?gone")


def test_cab_19_the_same_form_sent_twice_is_one_change(client: Client, anna: Line) -> None:
    sent = form(client, amount="500", reached="tell")
    assert [client.post(SET, sent)["Location"] for _ in range(3)] == ["/limits/?set"] * 3
    assert make.stands(anna).version == 1


@pytest.mark.parametrize(
    "change", [{"version": ""}, {"version": "x"}, {"version": "-1"}, {"version": "9" * 30}, {"version": "²"}]
)
def test_sec_a_form_that_was_tampered_with_changes_nothing(client: Client, anna: Line, change: dict[str, str]) -> None:
    set_(client, anna)
    for address, typed in (
        (SET, {"amount": "9", "reached": "tell"}),
        (RAISE, {"amount": "900"}),
        ("/limits/remove/", {}),
    ):
        client.post(address, {"line": str(anna.id), **typed, **change})
    assert make.stands(anna).limit_minor == 500_00
    client.post(RAISE, form(client, RAISE, amount="900") | {"month": "2026-10-01"})
    client.post(RAISE, form(client, RAISE, amount="900") | {"month": "x"})
    assert make.stands(anna).limit_minor == 500_00


def test_sec_anothers_line_is_nobodys(client: Client, anna: Line) -> None:
    boris = make.limited(cabinet.line("+79000000055"), 100_00)
    for line in (str(boris.id), "999999", "x", "\x00", "-1"):
        for address in (SET, RAISE):
            assert client.get(address, {"line": line}).status_code == 404
            assert client.post(address, {"line": line, "amount": "500", "reached": "tell"}).status_code == 404
        for address in ("/limits/remove/", "/limits/undo/"):
            assert client.post(address, {"line": line, "version": "1"}).status_code == 404
    assert make.stands(boris).limit_minor == 100_00
    assert "000-00-55" not in cabinet.words(client, "/limits/")


def test_sec_who_sees_only_a_childs_number_sees_its_limit_and_changes_nothing(anna: Line) -> None:
    child = make.limited(cabinet.another(anna, "+79000000002", "legky"), 100_00, block=True)
    theirs = identity.browser(child)
    text = cabinet.words(theirs, "/limits/")
    assert "лимита 100,00 ₽" in text
    assert "Лимит задаёт тот, кто видит весь договор" in text
    assert "Убрать лимит" not in text
    for address in (SET, RAISE):
        refused = theirs.get(address)
        assert refused.status_code == 403
        assert "владелец договора" in refused.content.decode()
        assert theirs.post(address, {"line": child.id, "amount": "900", "reached": "tell"}).status_code == 403
    for address in ("/limits/remove/", "/limits/undo/"):
        assert theirs.post(address, {"line": child.id, "version": 1}).status_code == 403
    assert make.stands(child).limit_minor == 100_00
    whole = identity.browser(anna)
    assert "+7 900 000-00-02" in cabinet.words(whole, "/limits/").replace("\xa0", " ")
    assert whole.post("/limits/remove/", {"line": child.id, "version": 1})["Location"] == "/limits/?removed"


def test_sec_more_money_asks_for_a_fresh_proof_and_keeps_what_was_typed(client: Client, anna: Line) -> None:
    set_(client, anna)
    with time_machine.travel(now() + timedelta(minutes=20)):
        for address, typed in (
            (SET, {"amount": "777", "reached": "block"}), (SET, {"amount": "500", "reached": "tell"}),
            (RAISE, {"amount": "777"}),
        ):  # fmt: skip
            there = client.post(address, form(client, address, **typed))["Location"]
            assert there.startswith(f"/login/confirm/?{urlencode({'next': address})}")
            assert f"amount%3D{typed['amount']}" in there
        assert client.post("/limits/remove/", {"line": anna.id, "version": 1})["Location"].startswith("/login/confirm/")
        assert make.stands(anna).limit_minor == 500_00
        # Less money asks for none.
        assert set_(client, anna, "400") == "/limits/?set"


def test_cab_19_the_limits_page_takes_few_queries_for_many_numbers(client: Client, anna: Line) -> None:
    for n in range(12):
        make.limited(cabinet.another(anna, f"+79000010{n:03}", "legky"), 100_00)
    assert cabinet.queries_of(client, "/limits/") == 5
    assert cabinet.queries_of(client, SET) == 5
    set_(client, anna)
    assert cabinet.queries_of(client, RAISE) == 5


def test_cab_19_a_promised_payment_says_why_not_and_leads_out(client: Client, anna: Line) -> None:
    promised.rules()
    statement.fee(anna, now() - timedelta(days=15), 900_00)
    make.limited(anna, 910_00, block=True)
    make.spend(anna, 10_00)
    page = client.get("/promised/").content.decode()
    assert "не помещается в лимит расходов" in page
    assert 'href="/limits/"' in page


def test_cab_19_a_transfer_says_why_not_and_leads_out(client: Client, anna: Line) -> None:
    transfers.top_up(anna, 1_000_00)
    maria = transfers.maria()
    make.limited(anna, 100_00, block=True)
    wish = transfers.asked(anna, maria.number, 300_00)
    page = client.get(f"/transfer/{wish.id}/confirm/").content.decode()
    text = html.unescape(page).replace("\xa0", " ")
    assert "лимит расходов оставляет 100,00 ₽" in text
    assert 'href="/limits/"' in page
    make.spend(anna, 100_00)
    page = client.get(f"/transfer/{wish.id}/confirm/").content.decode()
    assert "Лимит расходов исчерпан" in page


def test_cab_19_speaks_english(client: Client, anna: Line) -> None:
    set_(client, anna)
    make.spend(anna, 600_00)
    client.cookies["language"] = "en"
    for address in ("/limits/?set", SET, RAISE, "/home/"):
        text = cabinet.words(client, address)
        assert not re.search("[А-Яа-я]", text.replace("Русский", "").replace("«Свободный»", "")), address
