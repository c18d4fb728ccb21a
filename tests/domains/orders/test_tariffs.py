"""A change of the tariff: ordered, held, done, charged, undone, refused; whatever breaks in between (CAB-10, CAB-2)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from abonent.domains.billing.actions import charge_fees
from abonent.domains.catalog import actions as catalog_actions
from abonent.domains.catalog import queries as catalog
from abonent.domains.lines import models as lines_models
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.messaging.texts import sms as texts
from abonent.domains.orders import actions, fulfilment, models, queries
from abonent.domains.orders.actions import Changed, DifferentOrder, Refused, TooLate
from abonent.domains.orders.rules import Why
from abonent.domains.orders.states import State
from abonent.domains.orders.tariffs import actions as tariffs
from abonent.domains.orders.tariffs import queries as tariffs_queries
from tests.factories import billing, changes, identity
from tests.factories import orders as make
from tests.factories import tariffs as make_tariffs
from tests.factories.billing import Use
from tests.factories.fees import BY_DAYS, DAILY, WAITS_BY_DAYS, WHOLE_MONTH
from tests.factories.network import Switch
from tests.factories.orders import AT, assert_books_agree, sums
from tests.factories.tariffs import fees_of, own, paid, place, served, tariff, wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch")]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# The 1st of April begins no period, the 10th does; midnight in Moscow.
NEXT_PERIOD = datetime(2026, 4, 9, 21, tzinfo=UTC)
SOME_DAY = datetime(2026, 3, 31, 21, tzinfo=UTC)


def order_version(order_id: UUID) -> int:
    """Return which version of a tariff was ordered."""
    return make.order(order_id).version_id


def test_cab_10_changes_now_gives_back_what_is_not_used_and_charges_the_rest_by_days(switch: Switch) -> None:
    line = served(tariff("old", 31_000))
    new = tariff("new", 62_000, price_minor=5_000)
    at = AT + 5 * DAY
    shown = wish(line, new, at=at)
    assert shown.total_minor == 5_000 + 25 * 2_000 - 25 * 1_000
    order = tariffs.place(wish=shown, at=at)
    assert sums(line) == (469_000, 464_000), "the price of the change is held, not moved"
    assert own(line) == "old"
    make.work(at)
    assert (make.state(order.id), own(line)) == (State.COMPLETED, "new")
    assert switch.on[line.number] == {"tariff-new"}
    assert sums(line) == (469_000 - 5_000 + 25_000,) * 2
    charge_fees(until=at + DAY)
    assert sums(line)[0] == 500_000 - 6_000 - 5_000 - 50_000
    assert [row[:3] for row in fees_of(line)] == [
        ("old", 31_000, "fee-part"), ("old", -25_000, "fee-return"), ("new", 5_000, "tariff-change"),
        ("new", 50_000, "fee-part"),
    ]  # fmt: skip
    charge_fees(until=NEXT_PERIOD)
    assert fees_of(line)[-1][1:3] == (62_000, "fee-part")
    assert make.order(order.id).taken_minor == 5_000
    assert_books_agree()


def test_cab_10_back_again_takes_the_feature_of_the_tariff_away(switch: Switch) -> None:
    line = served(tariff("old", 31_000))
    place(line, tariff("new", 62_000))
    make.work()
    place(line, tariff("old", 31_000), at=AT + DAY)
    make.work(AT + DAY)
    assert (own(line), switch.on[line.number]) == ("old", {"tariff-old"})
    charge_fees(until=AT + 2 * DAY)
    assert paid(line) == 1_000 + 2_000 + 29_000
    assert_books_agree()


@pytest.mark.parametrize("fee", [WHOLE_MONTH, BY_DAYS, DAILY], ids=["whole", "by-days", "daily"])
@pytest.mark.parametrize("first", ["fees", "order"])
def test_cab_10_with_the_next_period_only_the_new_fee_is_paid_for_it(fee: object, first: str) -> None:
    """The run of fees comes before the network has done it, or after."""
    line = served(tariff("old", 31_000, fee))  # type: ignore[arg-type]
    order = place(line, tariff("new", 45_000, WHOLE_MONTH), NEXT_PERIOD)
    assert lines.served_by_id(line.id) == replace(line, tariff_changes_at=NEXT_PERIOD)
    charge_fees(until=NEXT_PERIOD - MINUTE)
    before = sums(line)[0]
    for step in ("fees", "order") if first == "fees" else ("order", "fees"):
        if step == "fees":
            charge_fees(until=NEXT_PERIOD)
        else:
            make.work(NEXT_PERIOD + 5 * MINUTE)
    assert (make.state(order), own(line)) == (State.COMPLETED, "new")
    assert sums(line)[0] == before - 45_000, fees_of(line)
    charge_fees(until=NEXT_PERIOD + 20 * DAY)
    assert sums(line)[0] == before - 45_000
    assert lines.assignments([line.id])[-1].valid_from == NEXT_PERIOD
    assert getattr(lines.served_by_id(line.id), "tariff_changes_at", 0) is None
    assert_books_agree()


def test_cab_10_a_tariff_without_a_fee_makes_way_for_one_with_a_fee() -> None:
    line = served(tariff("old", 0, WHOLE_MONTH))
    place(line, tariff("new", 45_000, WHOLE_MONTH), NEXT_PERIOD)
    charge_fees(until=NEXT_PERIOD)
    make.work(NEXT_PERIOD + MINUTE)
    assert [row[:2] for row in fees_of(line)] == [("new", 45_000)]


def test_cab_10_on_a_day_within_the_period_each_tariff_is_paid_for_its_days() -> None:
    line = served(tariff("old", 31_000))
    order = place(line, tariff("new", 62_000), SOME_DAY)
    charge_fees(until=SOME_DAY)
    make.work(SOME_DAY)
    charge_fees(until=SOME_DAY + DAY)
    assert make.state(order) is State.COMPLETED
    assert paid(line) == 22 * 1_000 + 9 * 2_000
    assert_books_agree()


def test_cab_10_a_network_that_takes_days_changes_the_tariff_when_it_did(switch: Switch) -> None:
    line = served(tariff("old", 31_000))
    order = place(line, tariff("new", 62_000), SOME_DAY)
    switch.down = True
    make.work(SOME_DAY)
    switch.down = False
    late = SOME_DAY + 2 * DAY + MINUTE
    make.work(late)
    assert make.state(order) is State.COMPLETED
    assert lines.assignments([line.id])[-1].valid_from == late
    charge_fees(until=late + DAY)
    assert paid(line) == 25 * 1_000 + 6 * 2_000


def test_cab_10_what_was_used_while_the_network_worked_is_rated_anew() -> None:
    line = served(make_tariffs.tariff("old", 0))
    double = replace(catalog.tariff_version(tariff("new", 0)), tariff_code="double")
    prices = tuple(replace(p, price_minor=2 * p.price_minor) for p in double.terms.prices)
    new = catalog_actions.publish(replace(double, terms=replace(double.terms, prices=prices)))
    place(line, new, SOME_DAY)
    billing.use(
        Use(line.number, SOME_DAY - MINUTE, duration_s=600), Use(line.number, SOME_DAY + MINUTE, duration_s=600)
    )
    assert used(line) == [("old", 1_800)], "ten minutes are in the package"
    assert sums(line)[0] == 500_000 - 1_800
    make.work(SOME_DAY + 2 * MINUTE)
    billing.use(Use(line.number, SOME_DAY + 3 * MINUTE, duration_s=60))
    assert used(line) == [("double", 3_600), ("double", 360)], "what was used of the package before counts"
    assert sums(line)[0] == 500_000 - 3_960
    assert_books_agree()


def used(line: Line) -> list[tuple[object, ...]]:
    return billing.rows(
        """select version.tariff_id, amount_minor from billing_charge charge
             join catalog_tariffversion version on version.id = tariff_version_id
            where line_id = %s and record_id is not null order by booked_at""",
        [line.id],
    )


def test_cab_10_is_undone_until_it_takes_effect_and_gives_everything_free() -> None:
    line = served(tariff("old", 31_000))
    order = place(line, tariff("new", 62_000, price_minor=5_000), NEXT_PERIOD)
    make.work()
    assert (make.state(order), sums(line)) == (State.PENDING, (469_000, 464_000))
    found = tariffs_queries.coming(line.id)
    assert found is not None
    assert (found.id, found.may_be_undone) == (order, True)
    for _ in range(2):
        assert actions.undo(order_id=order, line_ids=[line.id], at=AT + MINUTE).state is State.CANCELLED
    assert sums(line) == (469_000, 469_000)
    assert lines.served_by_id(line.id) == line
    assert tariffs_queries.coming(line.id) is None
    make.work(NEXT_PERIOD)
    assert own(line) == "old"
    place(line, order_version(order), at=NEXT_PERIOD)
    make.work(NEXT_PERIOD)
    with pytest.raises(TooLate):
        actions.undo(order_id=models.Order.objects.get(state="completed").id, line_ids=[line.id], at=NEXT_PERIOD)


def test_cab_10_what_the_network_refuses_changes_and_costs_nothing(switch: Switch) -> None:
    line = served(tariff("old", 31_000))
    switch.refuses = True
    order = place(line, tariff("new", 62_000, price_minor=5_000))
    make.work()
    assert (make.state(order), own(line), sums(line)) == (State.FAILED, "old", (469_000, 469_000))
    told = Message.objects.get(template="order failed")
    assert told.params["service"] == "Малый"


def test_cab_10_the_owner_is_told_and_finds_it_in_the_history() -> None:
    line = served(tariff("old", 31_000))
    identity.browser(line)
    order = place(line, tariff("new", 62_000, price_minor=5_000))
    make.work()
    told = Message.objects.get(template="order done").params
    assert (told["sum"], told["next"], told["action"]) == ("5000", "62000", "tariff")
    trace = queries.trace(order_id=order, line_ids=[line.id])
    assert [state for state, _ in trace.steps] == [
        State.ACKNOWLEDGED, State.PENDING, State.IN_PROGRESS, State.COMPLETED,
    ]  # fmt: skip
    assert [one.id for one in queries.orders(line_ids=[line.id])] == [order]
    assert not queries.shop(line, AT).coming, "it is no service"


@pytest.mark.parametrize("template", ["order done", "order failed"])
def test_cab_10_the_texts_speak_of_the_tariff(template: str) -> None:
    params = {"service": "Простор", "number": "+79000000001", "sum": "5000", "next": "62000", "per": "month",
              "order": "o", "action": "tariff"}  # fmt: skip
    russian, english = (texts.render(template, params, None, language) for language in ("ru", "en"))
    said = {
        "order done": "На номере +79000000001 теперь тариф «Простор». Списано: 50,00 ₽. Дальше 620,00 ₽ в месяц.",
        "order failed": "На номере +79000000001 не удалось сменить тариф на «Простор», он прежний. Деньги не списаны.",
    }
    assert said[template] in russian.replace("\N{NO-BREAK SPACE}", " ")
    assert not re.search("[А-Яа-яЁё]", english.replace("Простор", ""))


def test_cab_10_other_sums_than_those_shown_are_asked_about_anew() -> None:
    line = served(tariff("old", 31_000))
    new = tariff("new", 62_000)
    shown = wish(line, new)
    for other in (replace(shown, total_minor=shown.total_minor + 1), replace(shown, tariff_version_id=2**40)):
        with pytest.raises(Changed):
            tariffs.place(wish=other, at=AT)
    with pytest.raises(Changed):
        tariffs.place(wish=shown, at=AT + DAY)
    terms = catalog.tariff_version(new)
    later = changes.stored(replace(terms, valid_from=date(2026, 3, 5), fee_minor=70_000))
    with pytest.raises(Changed):
        tariffs.place(wish=shown, at=AT)
    place(line, later.id or 0)
    assert not models.Order.objects.exclude(tariff_version_id=later.id).exists()


def test_cab_10_the_same_form_is_one_order_and_another_with_its_id_none() -> None:
    line, other = served(tariff("old", 31_000)), served(tariff("old", 31_000))
    shown = wish(line, tariff("new", 62_000, price_minor=5_000))
    first = tariffs.place(wish=shown, at=AT)
    assert tariffs.place(wish=shown, at=AT + MINUTE) == first
    with pytest.raises(DifferentOrder):
        tariffs.place(wish=replace(shown, line=other), at=AT)
    make.work()
    assert tariffs.place(wish=shown, at=AT + MINUTE).state is State.COMPLETED
    assert sums(line) == (469_000 - 5_000 + 30_000,) * 2
    row = models.Order.objects.get()
    for broken in ({"tariff_version_id": None}, {"action": "connect"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Order.objects.filter(id=row.id).update(**broken)


def test_cab_10_prices_announced_for_the_tariff_it_leaves_do_not_come() -> None:
    line = served(tariff("old", 31_000))
    terms = catalog.tariff_version(line.tariff_version_id)
    changes.published(replace(terms, valid_from=date(2026, 4, 1), fee_minor=90_000), AT)
    assert len(lines.assignments([line.id])) == 2
    new = tariff("new", 62_000)
    place(line, new)
    make.work()
    assert [one.tariff_version_id for one in lines.assignments([line.id])] == [line.tariff_version_id, new]
    charge_fees(until=NEXT_PERIOD + DAY)
    assert "old" not in {row[0] for row in fees_of(line)[2:]}


def test_cab_10_a_line_that_waits_for_its_fee_goes_on_with_a_tariff_that_can_be_paid() -> None:
    line = served(tariff("old", 31_000, WAITS_BY_DAYS), 3_100)
    assert not fees_of(line)
    place(line, tariff("new", 3_100, WAITS_BY_DAYS))
    make.work()
    charge_fees(until=AT + DAY)
    assert [row[:2] for row in fees_of(line)] == [("new", 3_000)]


def test_cab_10_what_is_ordered_for_a_line_that_is_closed_comes_to_nothing() -> None:
    line = served(tariff("old", 31_000))
    order = place(line, tariff("new", 62_000, price_minor=5_000), NEXT_PERIOD)
    late = wish(line, order_version(order))
    lines_models.Line.objects.filter(id=line.id).update(closed_at=AT + MINUTE)
    fulfilment.give_up(line_id=line.id, at=AT + MINUTE)
    assert (make.state(order), sums(line)) == (State.FAILED, (469_000, 469_000))
    with pytest.raises(Refused) as told:
        tariffs.place(wish=late, at=AT + MINUTE)
    assert told.value.refusal.why is Why.NOT_FOR_LINE


def test_cab_10_the_price_is_released_when_somebody_gave_the_tariff_meanwhile() -> None:
    line = served(tariff("old", 31_000))
    new = tariff("new", 62_000, price_minor=5_000)
    order = place(line, new)
    make_tariffs.make_lines.change_tariff(line, AT + MINUTE, new)
    make.work(AT + 2 * MINUTE)
    assert (make.state(order), make.order(order).taken_minor) == (State.COMPLETED, 0)
    assert sums(line)[0] == sums(line)[1]
