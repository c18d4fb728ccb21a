"""One pays for another's number: invited with a proof, agreed to, covered when needed, ended by either."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from abonent.domains.billing import jobs, models, reactions
from abonent.domains.billing.family_pays import actions as family_pays
from abonent.domains.billing.family_pays import queries as family_pays_queries
from abonent.domains.billing.family_pays import rules as family_pays_rules
from abonent.domains.billing.family_pays.actions import NotWaiting, Refused
from abonent.domains.billing.family_pays.queries import NoSuchPay
from abonent.domains.billing.family_pays.rules import Refusal
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers import queries as transfers_queries
from abonent.domains.billing.transfers.states import State
from abonent.domains.identity import freezing
from abonent.domains.identity.rules import WrongCode
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines import models as line_models
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import models as messaging
from abonent.foundation.clock import now
from tests.factories import lines
from tests.factories import transfers as make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def payer() -> Line:
    return make.rich(500_000)


@pytest.fixture
def member() -> Line:
    return make.maria(50_000)


def end(pay: family_pays_queries.Pay, by: Line) -> family_pays_queries.Pay:
    return family_pays.end(pay_id=pay.id, contract_ids=[by.contract_id], numbers=[by.number], at=now())


def test_vas_6_a_member_is_covered_when_there_is_little_and_both_see_it(payer: Line, member: Line) -> None:
    pay = make.agreed(payer, member)
    assert "согласился" in make.told(payer.number)
    assert make.balances(payer, member) == [500_000, 50_000]
    make.drain(member, 45_000)
    assert family_pays.cover_all(at=now()) == 1
    assert family_pays.cover_all(at=now()) == 0
    assert make.balances(payer, member) == [470_000, 35_000]
    [paid] = transfers_queries.history(member.contract_id)
    assert (paid.family_id, paid.amount_minor, paid.fee_minor, paid.state) == (pay.id, 30_000, 0, State.DONE)
    assert models.Payment.objects.get(id=paid.id).method == "family"
    assert models.Charge.objects.get(id=paid.id).category == "transfer"
    assert "за вас платит" in make.told(member.number)
    [seen] = family_pays_queries.paid_by(payer.contract_id, now())
    assert (seen.spent_minor, seen.member_name) == (30_000, "Мария К***")
    [seen] = family_pays_queries.paid_for(member.contract_id, [member.number], now())
    assert (seen.spent_minor, seen.payer_name) == (30_000, "Анна О***")
    assert ledger.disagreements() == []


def test_what_is_missing_is_covered_at_the_moment_of_agreeing(payer: Line) -> None:
    poor = make.maria(1_000)
    make.agreed(payer, poor)
    assert make.balances(payer, poor) == [470_000, 31_000]


def test_vas_6_no_more_goes_over_in_a_month_than_was_allowed(payer: Line, member: Line) -> None:
    make.agreed(payer, member, cap_minor=70_000)
    for _ in range(4):
        make.drain(member, make.balances(member)[0])
        family_pays.cover_all(at=now())
    assert make.balances(payer, member) == [430_000, 0]
    with time_machine.travel(NOW + timedelta(days=9), tick=False):
        assert family_pays.cover_all(at=now()) == 1
    assert make.balances(payer, member) == [400_000, 30_000]


def test_a_debt_is_lifted_above_the_threshold_at_once(payer: Line, member: Line) -> None:
    make.agreed(payer, member)
    make.drain(member, 95_000)
    family_pays.cover_all(at=now())
    assert make.balances(member) == [15_000]


def test_a_payer_without_money_pays_nothing_hears_of_it_once_and_pays_when_it_came(member: Line) -> None:
    payer = make.rich(34_000)
    make.agreed(payer, member)
    make.drain(member, 50_000)
    for _ in range(3):
        family_pays.cover_all(at=now())
    assert make.balances(payer, member) == [34_000, 0]
    assert messaging.Message.objects.filter(template="family poor", recipient=payer.number).count() == 1
    make.top_up(payer, 1_000)
    reactions.cover_family([payer.contract_id])
    assert make.balances(payer, member) == [5_000, 30_000]
    reactions.cover_family([member.contract_id])
    assert make.balances(payer, member) == [5_000, 30_000]


def test_vas_6_either_side_ends_it_at_once(payer: Line, member: Line) -> None:
    for side, by in ((payer, "payer"), (member, "member")):
        pay = make.agreed(payer, member)
        assert end(pay, side).ended_by == by
        assert end(pay, side).ended_by == by
        other = member if side is payer else payer
        assert "закончилась" in make.told(other.number)
        before = make.balances(payer, member)
        make.drain(member, before[1])
        jobs.cover_family(0)
        assert make.balances(payer, member) == [before[0], 0]
        make.top_up(member, 50_000)


def test_nobody_else_agrees_to_it_or_ends_it(payer: Line, member: Line) -> None:
    pay, stranger = make.invited(payer, member.number), make.rich()
    for act in (lambda: end(pay, stranger), lambda: family_pays.agree(pay_id=pay.id, line=stranger, at=now())):
        with pytest.raises(NoSuchPay):
            act()
    with pytest.raises(NoSuchPay):
        family_pays_queries.asked_by(pay.id, make.account_of(stranger))
    with pytest.raises(NoSuchPay):
        family_pays.agree(pay_id=pay.id, line=payer, at=now())
    assert models.FamilyPay.objects.get().state == "invited"


def test_id_17_an_invitation_is_answered_alike_whoever_has_the_number(payer: Line, member: Line) -> None:
    blocked = make.rich()
    line_models.Line.objects.filter(id=blocked.id).update(blocked_at=NOW)
    for number in (member.number, "+79009999999", blocked.number, "+79161234567"):
        pay = make.invited(payer, number)
        assert (pay.state, pay.member_name, pay.member) == ("invited", "", None)
    states = dict(messaging.Message.objects.filter(template="family invited").values_list("recipient", "state"))
    assert states.pop(member.number) == "queued"
    assert set(states.values()) == {"withheld"}


def test_a_code_is_good_for_this_cap_and_number_only(payer: Line, member: Line) -> None:
    wish, other = make.wished(payer, member.number, 50_000), make.wished(payer, member.number, 900_000)
    shown = make.code_for(wish, payer)
    with pytest.raises(WrongCode):
        family_pays.confirm(pay_id=other.id, account_id=make.account_of(payer), shown=shown, at=now())
    transfer = make.asked(payer, member.number, 50_000)
    with pytest.raises(WrongCode):
        transfers.confirm(transfer_id=transfer.id, account_id=make.account_of(payer), shown=shown, at=now())
    assert not models.FamilyPay.objects.exclude(state="asked").exists()


@pytest.mark.parametrize(
    ("cap_minor", "why"), [(29_999, Refusal.SMALL), (1_000_001, Refusal.LARGE), (30_000, None), (1_000_000, None)]
)
def test_a_cap_has_its_limits(cap_minor: int, why: Refusal | None) -> None:
    assert family_pays_rules.cap_refused(cap_minor, family_pays.terms_at(now())) == why


def test_who_may_not_pay(payer: Line, member: Line) -> None:
    account_id = make.account_of(payer)

    def why(of: Line, number: str) -> Refusal | None:
        return family_pays.why_not(make.wished(of, number), account_id=make.account_of(of), at=now())

    assert why(payer, payer.number) is Refusal.SELF
    assert why(make.rich(payment="postpaid"), member.number) is Refusal.BY_BILL
    child = lines.line(contract_id=payer.contract_id, is_main=False)
    assert why(child, member.number) is Refusal.NOT_YOURS
    make.invited(payer, member.number)
    assert why(payer, member.number) is Refusal.ALREADY
    again = make.wished(payer, member.number)
    with pytest.raises(Refused):
        family_pays.confirm(pay_id=again.id, account_id=account_id, shown=make.code_for(again, payer), at=now())
    for number in range(4):
        make.invited(payer, f"+790011111{number:02}")
    assert why(payer, "+79001111199") is Refusal.MEMBERS


def test_five_invitations_a_day(payer: Line) -> None:
    for number in range(5):
        end(make.invited(payer, f"+790011111{number:02}"), payer)
    wish = make.wished(payer, "+79001111199")
    assert family_pays.why_not(wish, account_id=make.account_of(payer), at=now()) is Refusal.INVITATIONS


def test_an_invitation_is_open_for_seven_days_and_a_refused_one_never(payer: Line, member: Line) -> None:
    pay = make.invited(payer, member.number)
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        with pytest.raises(NotWaiting):
            family_pays.agree(pay_id=pay.id, line=member, at=now())
        jobs.expire_transfers(0)
        assert models.FamilyPay.objects.get().ended_by == "time"
    refused = make.invited(payer, member.number)
    assert end(refused, member).ended_by == "member"
    with pytest.raises(NotWaiting):
        family_pays.agree(pay_id=refused.id, line=member, at=now())


def test_a_number_is_paid_for_by_one(payer: Line, member: Line) -> None:
    make.agreed(payer, member)
    other = make.invited(make.rich(), member.number)
    with pytest.raises(Refused):
        family_pays.agree(pay_id=other.id, line=member, at=now())
    assert models.FamilyPay.objects.filter(state="active").count() == 1


def test_a_number_that_changed_hands_is_paid_for_no_more(payer: Line, member: Line) -> None:
    make.agreed(payer, member)
    make.drain(member, 50_000)
    line_models.Line.objects.filter(id=member.id).update(closed_at=NOW)
    lines.line(number=member.number, opened_at=NOW)
    assert family_pays.cover_all(at=now()) == 0
    ended = models.FamilyPay.objects.get()
    assert (ended.state, ended.ended_by) == ("ended", "network")
    assert make.balances(payer, member) == [500_000, 0]


def test_two_who_pay_for_each_other_do_not_send_the_same_money_to_and_fro(payer: Line, member: Line) -> None:
    make.agreed(payer, member)
    make.agreed(member, payer)
    make.drain(payer, 463_000)
    make.drain(member, 49_000)
    for contract_id in (payer.contract_id, member.contract_id) * 3:
        reactions.cover_family([contract_id])
    assert not models.Transfer.objects.exists()
    assert make.balances(payer, member) == [37_000, 1_000]


def test_id_15_a_protected_cabinet_pays_for_nobody_until_that_is_cleared_up(payer: Line, member: Line) -> None:
    pay = make.agreed(payer, member)
    make.drain(member, 45_000)
    account_id = make.account_of(payer)
    freezing.freeze(account_id=account_id, event_id=None, at=now(), by="agent:1")
    assert family_pays.cover_all(at=now()) == 0
    assert make.balances(payer, member) == [500_000, 5_000]
    assert models.FamilyPay.objects.get(id=pay.id).state == "active"
    freezing.thaw(account_id=account_id, at=now(), by="agent:1")
    assert family_pays.cover_all(at=now()) == 1
    assert make.balances(payer, member) == [470_000, 35_000]


def test_id_15_nobody_is_invited_from_a_cabinet_that_was_protected_meanwhile(payer: Line, member: Line) -> None:
    wish = make.wished(payer, member.number)
    shown = make.code_for(wish, payer)
    freezing.freeze(account_id=make.account_of(payer), event_id=None, at=now(), by="agent:1")
    with pytest.raises(freezing.Frozen):
        family_pays.confirm(pay_id=wish.id, account_id=make.account_of(payer), shown=shown, at=now())
    assert models.FamilyPay.objects.get().state == "asked"
