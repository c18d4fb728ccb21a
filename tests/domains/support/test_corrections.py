"""Money that staff move (OPS-3): proposed in a checked case, agreed to by another, done as things are then, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import IntegrityError, transaction

from abonent.domains.billing import models as billing
from abonent.domains.billing import queries as money
from abonent.domains.billing.corrections import queries as corrected
from abonent.domains.identity import models as identity
from abonent.domains.ledger import queries as ledger
from abonent.domains.messaging.models import Message
from abonent.domains.payments import models as payments_models
from abonent.domains.payments.states import RefundState
from abonent.domains.support import actions, deeds, jobs, models, queries, rules, staff
from abonent.domains.support.corrections import actions as corrections
from abonent.domains.support.corrections import queries as corrections_queries
from abonent.domains.support.corrections.queries import State
from abonent.domains.support.rules import Deed, NotThere, Refusal, Refused, Role
from abonent.foundation.audit import Actor, verify
from abonent.foundation.clock import now
from tests.factories import corrections as make
from tests.factories import payments, support, topups
from tests.factories.support import order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


@pytest.fixture
def agent() -> queries.Agent:
    return support.agent(Role.CONTACT_CENTRE)


@pytest.fixture
def senior() -> queries.Agent:
    return support.agent(Role.SUPERVISOR)


@pytest.fixture
def accountant() -> queries.Agent:
    return support.agent(Role.ACCOUNTING)


def state() -> tuple[int, ...]:
    counted = (
        models.Proposal.objects, models.Approval.objects, models.Done.objects, billing.Correction.objects,
        billing.Charge.objects, billing.Payment.objects, payments_models.Refund.objects, identity.SecurityEvent.objects,
        Message.objects,
    )  # fmt: skip
    decided = models.Approval.objects.exclude(granted=None).count()
    return (*(rows.count() for rows in counted), decided)


def refusal(act: Any, *args: Any, **more: Any) -> tuple[Refusal, int | None]:
    """Return why it is refused; nothing may have changed."""
    before = state()
    with pytest.raises(Refused) as refused, transaction.atomic():
        act(*args, **more)
    assert state() == before
    return refused.value.refusal, refused.value.most_minor


def stands(proposal_id: UUID, by: queries.Agent) -> State:
    return corrections_queries.proposal(proposal_id, by, now()).state


def test_ops_3_a_proposal_moves_nothing_until_another_agrees_and_then_once(
    agent: queries.Agent, senior: queries.Agent
) -> None:
    line = make.customer(20_000)
    proposal_id = make.proposed(agent, support.checked(agent, line))
    assert make.moved(line) == (20_000, 0, 0, 0)
    assert stands(proposal_id, senior) is State.WAITS
    make.decide(senior, proposal_id)
    make.decide(senior, proposal_id)
    assert make.moved(line) == (30_000, 10_000, 1, 1)
    assert billing.Charge.objects.get(category="correction").id == proposal_id
    assert stands(proposal_id, agent) is State.POSTED
    assert ledger.disagreements() == []


def test_ops_3_it_stands_in_the_owners_journal_and_in_the_sealed_trail(
    agent: queries.Agent, senior: queries.Agent
) -> None:
    line = make.customer()
    make.decide(senior, make.proposed(agent, support.checked(agent, line)))
    noted = identity.SecurityEvent.objects.filter(kind="agent acted").order_by("id")
    assert [(one.by, one.detail["deed"]) for one in noted] == [
        (agent.by, "credit proposed"), (senior.by, "credit agreed"),
    ]  # fmt: skip
    [agreed] = [entry for entry in verify.newest(10) if entry.action == "money agreed"]
    assert (agreed.details["amount_minor"], agreed.details["asked by"]) == (10_000, agent.id)
    assert "Три дня" not in str([entry.details for entry in verify.newest(20)]), "comments may name people"
    assert Message.objects.filter(template="corrected", recipient=line.number).count() == 1


def test_ops_3_nobody_agrees_to_their_own_proposal_not_even_with_every_role() -> None:
    everything = support.agent(*Role)
    line = make.customer()
    proposal_id = make.proposed(everything, support.checked(everything, line))
    assert refusal(make.decide, everything, proposal_id) == (Refusal.OWN, None)
    assert refusal(make.decide, everything, proposal_id, granted=False) == (Refusal.OWN, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Approval.objects.filter(id=proposal_id).update(given_by=everything.id)


def test_ops_3_who_agrees_to_access_only_does_not_agree_to_money(agent: queries.Agent) -> None:
    line = make.customer()
    proposal_id = make.proposed(agent, support.checked(agent, line))
    for role in (Role.CONTACT_CENTRE, Role.SHOP, Role.ENGINEER):
        assert refusal(make.decide, support.agent(role), proposal_id)[0] is Refusal.NOT_ALLOWED
    assert proposal_id not in [approval.id for approval in queries.approvals_waiting(now())]


def test_ops_3_an_agent_proposes_within_the_talk_and_the_day(agent: queries.Agent, senior: queries.Agent) -> None:
    line = make.customer()
    case_id = support.checked(agent, line)
    make.proposed(agent, case_id, amount_minor=20_000)
    too_much = order(agent, case_id, Deed.CREDIT, wanted=make.wanted(10_001))
    assert refusal(deeds.do, too_much) == (Refusal.ABOVE_CASE, 10_000)
    # What is declined counts no more; a debit and a credit share what they may.
    make.decide(senior, make.proposed(agent, case_id, amount_minor=10_000), granted=False)
    make.proposed(agent, case_id, Deed.DEBIT, amount_minor=10_000, reason="not charged")
    for left in (70_000, 40_000, 10_000):
        actions.close_case(agent=agent, case_id=case_id, outcome="x", origin="", at=now())
        case_id = support.checked(agent, make.customer())
        make.proposed(agent, case_id, amount_minor=min(30_000, left))
    actions.close_case(agent=agent, case_id=case_id, outcome="x", origin="", at=now())
    case_id = support.checked(agent, make.customer())
    assert refusal(deeds.do, order(agent, case_id, Deed.CREDIT, wanted=make.wanted(1))) == (Refusal.ABOVE_DAY, 0)


def test_ops_3_colleagues_who_take_turns_get_no_further_with_one_customer(senior: queries.Agent) -> None:
    line = make.customer()
    for _ in range(10):
        proposal_id = make.proposed(one := support.agent(), support.checked(one, line), amount_minor=30_000)
    case_id = support.checked(last := support.agent(), line)
    for deed, reason in ((Deed.CREDIT, "goodwill"), (Deed.DEBIT, "not charged")):
        more = order(last, case_id, deed, wanted=make.wanted(1, reason=reason))
        assert refusal(deeds.do, more) == (Refusal.ABOVE_CUSTOMER, 0)
    other = support.agent()
    make.proposed(other, support.checked(other, make.customer()), amount_minor=30_000)
    # What names its charge is held by that, and what is declined counts no more.
    make.proposed(last, case_id, amount_minor=1_000, charge_id=make.charge(line))
    make.decide(senior, proposal_id, granted=False)
    make.proposed(last, case_id, amount_minor=30_000)


def test_ops_3_with_the_charge_named_the_charge_is_the_limit(agent: queries.Agent, accountant: queries.Agent) -> None:
    line = make.customer(500_000)
    charge_id = make.charge(line, 250_000)
    case_id = support.checked(agent, line)
    named = make.wanted(250_001, "wrong charge", charge_id=charge_id)
    assert refusal(deeds.do, order(agent, case_id, Deed.CREDIT, wanted=named)) == (Refusal.ABOVE_CHARGE, 250_000)
    proposal_id = make.proposed(agent, case_id, amount_minor=250_000, reason="wrong charge", charge_id=charge_id)
    assert refusal(make.decide, support.agent(Role.SUPERVISOR), proposal_id) == (Refusal.ABOVE_LIMIT, 100_000)
    make.decide(accountant, proposal_id)
    assert money.balance(line.contract_id) == 500_000


def test_ops_3_it_is_decided_as_things_are_then_and_not_as_they_were(
    agent: queries.Agent, senior: queries.Agent
) -> None:
    line = make.customer(20_000)
    case_id = support.checked(agent, line)
    debit = make.proposed(agent, case_id, Deed.DEBIT, amount_minor=15_000, reason="not charged")
    charge_id = make.charge(line, 10_000)
    assert refusal(make.decide, senior, debit) == (Refusal.SPENT, 10_000)
    first, second = (
        make.proposed(agent, case_id, amount_minor=6_000, reason="wrong charge", charge_id=charge_id) for _ in "12"
    )
    make.decide(senior, first)
    assert refusal(make.decide, senior, second) == (Refusal.ABOVE_CHARGE, 4_000)
    assert stands(second, senior) is State.WAITS, "it can still be declined"
    make.decide(senior, second, granted=False)
    assert stands(second, senior) is State.DECLINED


def test_ops_3_what_nobody_decided_in_three_days_is_over(agent: queries.Agent, senior: queries.Agent) -> None:
    line = make.customer()
    proposal_id = make.proposed(agent, support.checked(agent, line))
    with time_machine.travel(now() + rules.PROPOSAL_LIFE):
        assert refusal(make.decide, senior, proposal_id) == (Refusal.DECIDED, None)
        assert stands(proposal_id, senior) is State.EXPIRED
        assert corrections_queries.waiting(now()) == []
    with time_machine.travel(now() + rules.PROPOSAL_LIFE - timedelta(minutes=1)):
        make.decide(senior, proposal_id)
    assert make.moved(line)[1] == 10_000


def test_ops_3_the_first_word_counts_and_a_decline_has_a_reason(agent: queries.Agent, senior: queries.Agent) -> None:
    line = make.customer()
    proposal_id = make.proposed(agent, support.checked(agent, line))
    before = state()
    with pytest.raises(ValueError, match="reason"), transaction.atomic():
        actions.decide(agent=senior, approval_id=proposal_id, granted=False, origin="", at=now(), reason="  ")
    assert state() == before
    make.decide(senior, proposal_id, granted=False)
    assert refusal(make.decide, support.agent(Role.ACCOUNTING), proposal_id) == (Refusal.DECIDED, None)
    assert refusal(make.decide, senior, proposal_id) == (Refusal.DECIDED, None)
    assert make.moved(line)[1:] == (0, 0, 0)


def test_ops_3_a_form_sent_twice_is_one_proposal(agent: queries.Agent) -> None:
    line = make.customer()
    case_id = support.checked(agent, line)
    one = order(agent, case_id, Deed.CREDIT, wanted=make.wanted())
    deeds.do(one)
    deeds.do(one)
    assert models.Proposal.objects.count() == 1


def test_ops_3_a_blocked_colleagues_proposal_is_not_agreed_to(agent: queries.Agent, senior: queries.Agent) -> None:
    line = make.customer()
    proposal_id = make.proposed(agent, support.checked(agent, line))
    staff.block(login=agent.login, actor=Actor("command", "test"), at=now())
    assert refusal(make.decide, senior, proposal_id) == (Refusal.PROPOSER_GONE, None)


def test_ops_3_money_of_another_customer_is_not_in_reach(agent: queries.Agent) -> None:
    line, other = make.customer(), make.customer()
    case_id = support.checked(agent, line)
    for wanted in (make.wanted(line_id=other.id), make.wanted(charge_id=make.charge(other))):
        assert refusal(deeds.do, order(agent, case_id, Deed.CREDIT, wanted=wanted)) == (Refusal.NOT_THERE, None)
    theirs = make.proposed(agent, case_id)
    with pytest.raises(NotThere):
        corrections_queries.proposal(theirs, support.agent(Role.CONTACT_CENTRE), now())


# --- Refunds ---


def refunded(agent: queries.Agent, bank: payments.Bank, amount_minor: int = 20_000) -> tuple[Any, UUID, UUID]:
    """Return a customer's line, their payment of 500 roubles, and the proposal to give a part of it back."""
    line = make.customer(0)
    payment_id = make.paid(bank, line)
    case_id = support.checked(agent, line)
    proposal_id = make.proposed(
        agent, case_id, Deed.REFUND, amount_minor=amount_minor, reason="paid by mistake", payment_id=payment_id
    )
    return line, payment_id, proposal_id


def test_ops_3_a_refund_goes_back_the_way_it_came_once_agreed(
    agent: queries.Agent, accountant: queries.Agent, bank: payments.Bank
) -> None:
    line, payment_id, proposal_id = refunded(agent, bank)
    assert corrections.give_back(approval_id=proposal_id, at=now()) is None, "nobody has agreed"
    make.decide(accountant, proposal_id)
    assert stands(proposal_id, accountant) is State.UNDER_WAY
    assert money.balance(line.contract_id) == 50_000
    for _ in range(3):
        jobs.give_back_agreed(str(proposal_id))
        topups.hear()
    assert stands(proposal_id, accountant) is State.POSTED
    assert bank.orders[payment_id].returned_minor == 20_000
    assert money.balance(line.contract_id) == 30_000
    row = billing.Payment.objects.get(id=proposal_id)
    assert (row.amount_minor, billing.Correction.objects.get(id=row.id).reason) == (-20_000, "paid by mistake")
    assert Message.objects.filter(template="top-up refunded").count() == 1
    assert ledger.disagreements() == []


def test_ops_3_a_worker_killed_at_the_bank_is_followed_by_one_that_asks(
    agent: queries.Agent, accountant: queries.Agent, bank: payments.Bank
) -> None:
    line, payment_id, proposal_id = refunded(agent, bank)
    make.decide(accountant, proposal_id)
    bank.deadly.append("refund")
    with pytest.raises(payments.Killed):
        jobs.give_back_agreed(str(proposal_id))
    assert corrections.refunds_to_do() == [proposal_id]
    assert corrections.give_back(approval_id=proposal_id, at=now()) is RefundState.REFUNDED
    topups.hear()
    assert corrections.refunds_to_do() == []
    assert (bank.orders[payment_id].returned_minor, money.balance(line.contract_id)) == (20_000, 30_000)


def test_ops_3_a_refund_is_of_what_is_left_and_there(
    agent: queries.Agent, accountant: queries.Agent, bank: payments.Bank
) -> None:
    line, payment_id, proposal_id = refunded(agent, bank, 50_000)
    case_id = queries.cases_of_agent(agent.id)[0].id
    more = make.wanted(50_001, "paid twice", payment_id=payment_id)
    assert refusal(deeds.do, order(agent, case_id, Deed.REFUND, wanted=more)) == (Refusal.NOT_REFUNDABLE, 50_000)
    make.charge(line, 100)
    assert refusal(make.decide, accountant, proposal_id) == (Refusal.SPENT, 49_900)
    second = make.proposed(agent, case_id, Deed.REFUND, amount_minor=30_000, reason="paid twice", payment_id=payment_id)
    make.decide(accountant, second)
    jobs.give_back_agreed(str(second))
    topups.hear()
    assert refusal(make.decide, accountant, proposal_id) == (Refusal.NOT_REFUNDABLE, 20_000)


def test_ops_3_what_was_spent_since_it_was_agreed_to_does_not_go_back(
    agent: queries.Agent, accountant: queries.Agent, bank: payments.Bank
) -> None:
    line, payment_id, proposal_id = refunded(agent, bank)
    make.decide(accountant, proposal_id)
    make.charge(line, 35_000)
    jobs.give_back_agreed(str(proposal_id))
    found = corrections_queries.proposal(proposal_id, accountant, now())
    assert (found.state, found.failed_because) == (State.FAILED, Refusal.NOT_REFUNDABLE.value)
    assert bank.orders[payment_id].returned_minor == 0
    assert not payments_models.Refund.objects.exists()
    assert money.balance(line.contract_id) == 15_000


def test_ops_3_a_refund_that_failed_is_no_money_that_was_moved(
    agent: queries.Agent, accountant: queries.Agent, bank: payments.Bank
) -> None:
    line, payment_id, proposal_id = refunded(agent, bank)
    make.decide(accountant, proposal_id)
    bank.orders[payment_id].taken_minor -= 1
    jobs.give_back_agreed(str(proposal_id))
    assert corrected.of_contracts([line.contract_id], now() - timedelta(days=1)) == []


def test_ops_3_a_refund_that_the_bank_refuses_is_said_and_the_money_stays(
    agent: queries.Agent, accountant: queries.Agent, bank: payments.Bank
) -> None:
    line, payment_id, proposal_id = refunded(agent, bank)
    make.decide(accountant, proposal_id)
    # Somebody gave money back at the bank itself.
    bank.orders[payment_id].taken_minor -= 1
    jobs.give_back_agreed(str(proposal_id))
    found = corrections_queries.proposal(proposal_id, accountant, now())
    assert (found.state, found.failed_because) == (State.FAILED, "bank")
    assert money.balance(line.contract_id) == 50_000
    assert verify.newest(1)[0].action == "refund failed"
