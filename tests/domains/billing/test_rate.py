"""Usage becomes charges: what each kind costs, what came late, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from abonent.domains.billing import actions, queries, reactions
from abonent.domains.billing.statement.explanation import explanation
from abonent.domains.ledger import queries as ledger
from abonent.domains.usage.rules import Direction, Kind
from abonent.foundation.values import Period
from tests.factories import billing, catalog, customers, lines
from tests.factories.billing import Use, march
from tests.factories.catalog import MIB

pytestmark = pytest.mark.django_db

ANNA = "+79000000001"
MINUTE = timedelta(minutes=1)
BLOCK = 100 * 1024


@dataclass(frozen=True)
class Case:
    """Uses one after another by a line on the small tariff, and what each of them costs."""

    name: str
    uses: list[Use]
    costs: list[int]
    category: str


def voice(seconds: int, **more: object) -> Use:
    return replace(Use(ANNA, march(15), duration_s=seconds), **more)


def data(size: int, **more: object) -> Use:
    return replace(Use(ANNA, march(15), Kind.DATA, peer="", duration_s=0, bytes=size), **more)


def sms(**more: object) -> Use:
    return replace(Use(ANNA, march(15), Kind.SMS, duration_s=0, units=1), **more)


def content(service: str, units: int = 1) -> Use:
    return Use(ANNA, march(15), Kind.CONTENT, peer=service, duration_s=0, units=units, zone="")


TEN = voice(600)
CASES = [
    Case("a call within the allowance", [voice(600)], [0], "calls"),
    Case("a call beyond the allowance, by begun minutes", [TEN, voice(61)], [0, 360], "calls"),
    Case("a call that the allowance covers in part", [voice(540), voice(121)], [0, 360], "calls"),
    Case("a begun minute takes a whole one from the allowance", [voice(1)] * 11, [0] * 10 + [180], "calls"),
    Case("nobody answered", [TEN, voice(0)], [0, 0], "calls"),
    Case("a call within the network", [TEN, voice(6000, peer="+79007654321")], [0, 0], "calls"),
    Case("a call abroad does not use the allowance", [voice(61, peer="+77011234567")], [2400], "calls"),
    Case("a call to where nobody has a price of its own", [TEN, voice(60, peer="+4930123456")], [0, 180], "calls"),
    Case("a call to a short number", [TEN, voice(60, peer="0890")], [0, 180], "calls"),
    Case("a call to nobody known", [TEN, voice(60, peer="")], [0, 180], "calls"),
    Case("being called", [voice(6000, direction=Direction.IN)], [0], "calls"),
    Case("calling while abroad", [voice(61, zone="cis")], [11800], "roaming"),
    Case("being called while abroad", [voice(61, zone="cis", direction=Direction.IN)], [3800], "roaming"),
    Case("calling at sea, by the second", [voice(7, zone="sea")], [175000], "roaming"),
    Case("calling in a zone nobody has heard of", [voice(60, zone="moon")], [5900], "roaming"),
    Case("a place without meaning is home", [TEN, voice(60, zone="")], [0, 180], "calls"),
    Case("messages", [sms()] * 4, [0, 0, 0, 250], "messages"),
    Case("a long message takes several", [sms(units=2), sms(units=2)], [0, 250], "messages"),
    Case("a message nobody counted is one", [sms(units=0)] * 4, [0, 0, 0, 250], "messages"),
    Case("pictures and texts share an allowance", [*[sms()] * 3, sms(kind=Kind.MMS)], [0, 0, 0, 900], "messages"),
    Case("data within the allowance", [data(51 * BLOCK)], [0], "internet"),
    Case("data beyond it", [data(51 * BLOCK), data(1), data(BLOCK + 1)], [0, 15, 30], "internet"),
    Case("data abroad", [data(MIB + 1, zone="cis")], [1980], "roaming"),
    Case("a service with a price of its own", [content("Гороскоп")], [3000], "content"),
    Case("any other service", [content("Погода", 2)], [3000], "content"),
    # The allowance is no whole number of units: what is left of it counts in the unit it covers a part of.
    Case("a gigabyte at once", [data(1024 * MIB)], [10_435 * 15], "internet"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_ops_4_usage_costs_what_the_tariff_says(case: Case) -> None:
    line = lines.line(number=ANNA)
    uses = [
        replace(use, started_at=march(15) + number * MINUTE, record_id=f"case-{number:02}")
        for number, use in enumerate(case.uses)
    ]
    billing.use(*uses)
    paid = {charge[0]: charge[3] for charge in billing.charges()}
    assert [paid.get(use.record_id, 0) for use in uses] == case.costs
    assert queries.balance(line.contract_id) == -sum(paid.values())
    assert {charge[9] for charge in billing.charges()} <= {case.category}
    assert ledger.disagreements() == []


def test_ops_4_a_charge_tells_its_record_its_rule_and_its_price() -> None:
    line = lines.line(number=ANNA)
    billing.use(
        replace(voice(540), record_id="first"),
        replace(voice(121), record_id="second", started_at=march(16)),
    )
    [(charge_id,)] = billing.rows("select id from billing_charge")
    why = explanation(charge_id=charge_id, line_ids=[line.id])
    assert (why.record_id, why.at, why.kind, why.direction) == ("second", march(16), "voice", "out")
    assert (why.tariff, why.rule) == (catalog.SMALL.names, "call")
    assert (why.quantity, why.included, why.billed_units, why.unit_size) == (121, 60, 2, 60)
    assert (why.price_minor, why.amount_minor) == (180, 360)


def test_ops_4_a_late_record_uses_the_allowance_first_and_what_was_charged_is_corrected() -> None:
    line = lines.line(number=ANNA)
    billing.use(*(replace(voice(300), started_at=march(20 + day), record_id=f"r{day}") for day in range(3)))
    assert [(charge[0], charge[3]) for charge in billing.charges()] == [("r2", 900)]
    billing.use(replace(voice(301), started_at=march(19), record_id="late"))
    assert [(charge[0], charge[3]) for charge in billing.charges()] == [("r0", 180), ("r1", 900), ("r2", 900)]
    billing.use(replace(voice(60), started_at=march(18), record_id="later"))
    assert [(charge[0], charge[3]) for charge in billing.charges()] == [("r0", 360), ("r1", 900), ("r2", 900)]
    # Nothing is taken away from the ledger: what was wrong is turned back and posted anew.
    moved = billing.rows("select kind, amount_minor from ledger_transfer order by recorded_at, kind, amount_minor")
    assert sorted(moved) == [("charge", 180), ("charge", 360), *[("charge", 900)] * 2, ("reversal", 180)]
    revisions = billing.rows("select record_id, revision from billing_charge order by 1")
    assert revisions == [
        ("r0", 1),
        ("r1", 0),
        ("r2", 0),
    ]
    assert queries.balance(line.contract_id) == -2160
    assert ledger.disagreements() == []


def test_a_late_record_within_the_allowance_needs_no_rating_anew() -> None:
    lines.line(number=ANNA)
    billing.store([voice(60, started_at=march(20)), voice(60, started_at=march(19))])
    billing.store([voice(60, started_at=march(18))])
    assert billing.rows("select * from billing_rerating") == []
    assert billing.rows("select used from billing_bucket") == [(180,)]


def test_what_came_late_waits_for_its_rating_and_survives_a_crash_before_it() -> None:
    line = lines.line(number=ANNA)
    billing.store([voice(600, started_at=march(20), record_id="first")])
    billing.store([voice(60, started_at=march(19), record_id="late")])
    billing.store([voice(60, started_at=march(21), record_id="after")])
    assert billing.charges() == []
    assert billing.rows("select line_id from billing_rerating") == [(line.id,)]
    assert actions.rerate_late() == 1
    assert [(charge[0], charge[3]) for charge in billing.charges()] == [("first", 180), ("after", 180)]
    assert actions.rerate_late() == 0


def test_ops_4_a_late_record_lands_in_its_own_period() -> None:
    line = lines.line(number=ANNA)
    billing.use(voice(600, started_at=march(20)), voice(60, started_at=march(21)))
    billing.use(voice(600, started_at=march(9), record_id="february's"))
    used = billing.rows("select period_start, used from billing_bucket where line_id = %s order by 1", [line.id])
    assert [amount for _, amount in used] == [600, 660]
    assert queries.balance(line.contract_id) == -180


def test_a_period_begins_at_local_midnight() -> None:
    lines.line(number=ANNA)
    before, after = march(9, 20, 59, 59), march(9, 21)
    billing.use(voice(600, started_at=before), voice(600, started_at=after))
    assert billing.charges() == []
    assert billing.rows("select used from billing_bucket order by period_start") == [(600,), (600,)]


def test_usage_without_a_tariff_at_that_time_costs_nothing() -> None:
    line = lines.line(number=ANNA)
    lines.without_tariff(line, [(lines.OPENED, march(10))])
    billing.use(voice(60, zone="cis", started_at=march(9)), voice(60, zone="cis", started_at=march(10)))
    assert [(charge[2], charge[3]) for charge in billing.charges()] == [(march(9), 5900)]


def test_an_account_is_opened_when_the_first_charge_needs_it() -> None:
    line = lines.line(number=ANNA)
    billing.use(voice(60))
    assert billing.rows("select * from billing_account") == []
    assert queries.balance(line.contract_id) == 0
    billing.use(voice(60, zone="cis", started_at=march(16)))
    assert billing.rows("select contract_id from billing_account") == [(line.contract_id,)]
    assert queries.balance(line.contract_id) == -5900


def test_lines_of_one_contract_pay_from_one_account() -> None:
    contract_id = customers.contract()
    one = lines.line(number=ANNA, contract_id=contract_id)
    other = lines.line(contract_id=contract_id)
    billing.use(voice(60, zone="cis"), voice(60, zone="cis", line=other.number))
    assert queries.balance(contract_id) == -11800
    assert queries.expenses(one.id, Period(march(1), march(31))).total_minor == 5900


def test_a_tariff_changed_within_a_period_goes_on_with_what_is_used() -> None:
    line = lines.line(number=ANNA)
    lines.change_tariff(line, march(20), catalog.large())
    billing.use(
        voice(600, started_at=march(19), record_id="small"),
        voice(300, started_at=march(20), record_id="large"),
        voice(200, started_at=march(21), record_id="beyond"),
    )
    # 1,000 s are included now, 600 were used before the change; beyond it a second costs 3 kopecks.
    assert [(charge[0], charge[3]) for charge in billing.charges()] == [("beyond", 300)]


def test_ops_4_usage_that_was_parked_is_charged_when_its_line_appears() -> None:
    late = lines.line()
    billing.store([voice(60, zone="cis", record_id="parked")])
    assert billing.charges() == []
    line = lines.line(number=ANNA)
    reactions.rate_parked_usage([late.id, line.id])
    reactions.rate_parked_usage([late.id, line.id])
    assert [(charge[0], charge[1], charge[3]) for charge in billing.charges()] == [("parked", line.id, 5900)]


def test_what_costs_nothing_any_more_is_turned_back_and_can_be_charged_again() -> None:
    line = lines.line(number=ANNA)
    billing.use(
        voice(600, started_at=march(20), record_id="long"), voice(60, started_at=march(21), record_id="charged")
    )
    lines.without_tariff(replace(line, tariff_version_id=catalog.large()), [(lines.OPENED, march(31))])
    billing.use(voice(60, started_at=march(19)))
    assert [(charge[0], charge[3]) for charge in billing.charges()] == [("charged", 0)]
    assert queries.balance(line.contract_id) == 0
    assert queries.expenses(line.id, Period(march(1), march(31))).items == ()
    lines.without_tariff(line, [(lines.OPENED, march(31))])
    billing.use(voice(60, started_at=march(18)))
    assert [(charge[0], charge[3]) for charge in billing.charges()] == [("long", 360), ("charged", 180)]
    assert queries.balance(line.contract_id) == -540
    assert ledger.disagreements() == []
