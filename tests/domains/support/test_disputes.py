"""Disputes (CAB-18, OPS-3): one a charge, answered in a case within a day, or closed by money that two agreed on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import close_old_connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing import queries as money
from abonent.domains.messaging.models import Message
from abonent.domains.support import actions, deeds, jobs, models, queries, rules
from abonent.domains.support.disputes import actions as disputes
from abonent.domains.support.disputes import queries as disputes_queries
from abonent.domains.support.disputes import rules as disputes_rules
from abonent.domains.support.disputes.queries import NoSuchDispute, Status
from abonent.domains.support.disputes.rules import Reason, TooMany, Unclear
from abonent.domains.support.rules import Contact, Deed, NotThere, Refusal, Refused, Role
from abonent.foundation.audit import verify
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import at_once
from tests.factories import corrections as make
from tests.factories import disputes as written
from tests.factories import payments, support, topups


@given(st.text(max_size=1100), st.integers(0, 20))
def test_cab_18_a_comment_is_kept_short_or_refused_with_what_to_do(comment: str, open_before: int) -> None:
    try:
        kept = disputes_rules.check(comment, open_before)
    except (TooMany, Unclear):
        kept = None
    if kept is not None:
        assert disputes_rules.COMMENT_LENGTH_MIN <= len(kept) <= disputes_rules.COMMENT_LENGTH_MAX
        assert kept.split() == comment.split()
        assert open_before < disputes_rules.OPEN_MAX
    at = datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert disputes_rules.due(at) - at == timedelta(hours=24)


@pytest.fixture
def agent() -> queries.Agent:
    return support.agent(Role.CONTACT_CENTRE)


@pytest.fixture
def senior() -> queries.Agent:
    return support.agent(Role.SUPERVISOR)


def status(dispute_id: int, line: Any) -> Status:
    return disputes_queries.dispute(dispute_id, [line.id], now()).status


def refusal(act: Any, *args: Any) -> Refusal:
    """Return why it is refused; nothing may have changed."""

    def state() -> list[Any]:
        return [
            *models.Dispute.objects.order_by("id").values_list("state", "case_id", "answer"),
            models.Case.objects.count(), models.Proposal.objects.count(), Message.objects.count(),
        ]  # fmt: skip

    before = state()
    with pytest.raises(Refused) as refused, transaction.atomic():
        act(*args)
    assert state() == before
    return refused.value.refusal


@pytest.mark.django_db
def test_cab_18_a_charge_is_disputed_once_until_it_is_answered(agent: queries.Agent) -> None:
    line = make.customer()
    thing = written.of_charge(make.charge(line))
    number = written.opened(line, thing)
    assert disputes.open_dispute(line=line, thing=thing, reason=Reason.TWICE, comment="ещё раз", at=now()) == (
        number, False,
    )  # fmt: skip
    assert models.Dispute.objects.count() == 1
    case_id = written.taken(agent, number)
    written.answered(agent, case_id)
    assert written.opened(line, thing) != number, "who is not content may ask again"


@pytest.mark.django_db
def test_cab_18_an_answer_closes_it_tells_the_customer_and_ends_the_talk(agent: queries.Agent) -> None:
    line = make.customer()
    number = written.opened(line, written.of_charge(make.charge(line)))
    assert status(number, line) is Status.WAITS
    case_id = written.taken(agent, number)
    assert written.taken(agent, number) == case_id
    assert status(number, line) is Status.IN_WORK
    assert queries.case(case_id, agent.id).is_checked(now() + rules.CHECK_LIFE)
    with pytest.raises(ValueError, match="words"), transaction.atomic():
        written.answered(agent, case_id, "  ")
    written.answered(agent, case_id)
    found = disputes_queries.dispute(number, [line.id], now())
    assert (found.status, found.answer) == (Status.ANSWERED, "Услуга подключена кодом *100# 3 ноября")
    [told] = Message.objects.filter(template="dispute answered")
    assert (told.recipient, told.params) == (line.number, {"number": str(number)})
    assert queries.case(case_id, agent.id).closed_at is not None
    trail = [entry for entry in verify.newest(10) if entry.action.startswith("dispute")]
    assert [entry.action for entry in trail] == ["dispute answered", "dispute taken", "dispute opened"]
    assert "не подключал" not in str([entry.details for entry in trail])
    assert refusal(written.taken, agent, number) is Refusal.ANSWERED


@pytest.mark.django_db
def test_cab_18_one_works_on_it_at_a_time_and_what_is_left_comes_back(agent: queries.Agent) -> None:
    line, other = make.customer(), make.customer()
    number = written.opened(line, written.of_charge(make.charge(line)))
    second = written.opened(other, written.of_charge(make.charge(other)))
    colleague = support.agent(Role.CONTACT_CENTRE)
    written.taken(agent, number)
    assert refusal(written.taken, colleague, number) is Refusal.TAKEN
    assert refusal(written.taken, agent, second) is Refusal.BUSY
    assert refusal(written.taken, support.agent(Role.SHOP), second) is Refusal.NOT_ALLOWED
    with pytest.raises(NotThere):
        written.taken(agent, second + 1)
    with time_machine.travel(now() + rules.CASE_LIFE):
        assert status(number, line) is Status.WAITS
        assert written.taken(colleague, number)


@pytest.mark.django_db
def test_cab_18_a_talk_about_what_was_written_opens_nothing_but_money(agent: queries.Agent) -> None:
    line = make.customer()
    number = written.opened(line, written.of_charge(make.charge(line)))
    with pytest.raises(NotThere):
        actions.open_case(agent=agent, line_id=line.id, contact=Contact.CABINET, origin="", at=now())
    case_id = written.taken(agent, number)
    for deed in set(Deed) - rules.MONEY:
        assert refusal(deeds.do, support.order(agent, case_id, deed)) is Refusal.NOT_ALLOWED
    free = support.order(agent, case_id, Deed.CREDIT, wanted=make.wanted())
    assert refusal(deeds.do, free) is Refusal.NOT_THERE, "money for the very thing, or words"


@pytest.mark.django_db
def test_ops_3_money_that_two_agree_on_closes_the_dispute(agent: queries.Agent, senior: queries.Agent) -> None:
    line = make.customer(50_000)
    charge_id = make.charge(line, 20_000)
    number = written.opened(line, written.of_charge(charge_id))
    case_id = written.taken(agent, number)
    wanted = {"amount_minor": 20_000, "reason": "not ordered", "charge_id": charge_id}
    first = make.proposed(agent, case_id, **wanted)
    assert status(number, line) is Status.BEING_CORRECTED
    assert disputes_queries.waiting(now()) == []
    assert refusal(written.answered, agent, case_id) is Refusal.MONEY_WAITS
    again = support.order(agent, case_id, Deed.CREDIT, wanted=make.wanted(**wanted))
    assert refusal(deeds.do, again) is Refusal.MONEY_WAITS
    make.decide(senior, first, granted=False)
    assert status(number, line) is Status.IN_WORK, "a declined proposal brings it back"
    second = make.proposed(agent, case_id, **wanted)
    make.decide(senior, second)
    found = disputes_queries.dispute(number, [line.id], now())
    assert (found.status, found.corrected_minor, found.correction_id) == (Status.CORRECTED, 20_000, second)
    assert money.balance(line.contract_id) == 50_000
    assert refusal(written.answered, agent, case_id) is Refusal.ANSWERED


@pytest.mark.django_db
def test_ops_3_a_proposal_that_ran_out_brings_the_dispute_back(agent: queries.Agent) -> None:
    line = make.customer()
    charge_id = make.charge(line)
    number = written.opened(line, written.of_charge(charge_id))
    make.proposed(agent, written.taken(agent, number), amount_minor=5_000, reason="not ordered", charge_id=charge_id)
    with time_machine.travel(now() + rules.PROPOSAL_LIFE):
        [waiting] = disputes_queries.waiting(now())
        assert (waiting.id, waiting.is_late(now())) == (number, True)


@pytest.mark.django_db
def test_ops_3_a_call_about_the_same_charge_closes_what_was_written(
    agent: queries.Agent, senior: queries.Agent
) -> None:
    line = make.customer()
    charge_id = make.charge(line)
    number = written.opened(line, written.of_charge(charge_id))
    case_id = support.checked(agent, line)
    make.decide(senior, make.proposed(agent, case_id, amount_minor=5_000, reason="goodwill", charge_id=charge_id))
    assert status(number, line) is Status.CORRECTED


@pytest.mark.django_db
def test_ops_3_a_refund_closes_the_dispute_of_a_payment_when_the_bank_has_done_it(
    agent: queries.Agent, settings: Any
) -> None:
    bank = payments.open_bank(settings)
    line = make.customer(0)
    payment_id = make.paid(bank, line)
    number = written.opened(line, written.of_payment(payment_id), reason=Reason.NOT_MINE)
    proposal_id = make.proposed(
        agent, written.taken(agent, number), Deed.REFUND, amount_minor=50_000, reason="paid by mistake",
        payment_id=payment_id,
    )  # fmt: skip
    make.decide(support.agent(Role.ACCOUNTING), proposal_id)
    assert status(number, line) is Status.BEING_CORRECTED
    jobs.give_back_agreed(str(proposal_id))
    topups.hear()
    assert status(number, line) is Status.CORRECTED
    assert money.balance(line.contract_id) == 0


@pytest.mark.django_db
def test_cab_18_ten_of_a_line_wait_at_most_and_others_see_none_of_them() -> None:
    line, other = make.customer(), make.customer()
    for _ in range(disputes_rules.OPEN_MAX):
        number = written.opened(line, written.of_charge(make.charge(line, 100)))
    with pytest.raises(TooMany):
        written.opened(line, written.of_charge(make.charge(line, 100)))
    assert models.Dispute.objects.count() == disputes_rules.OPEN_MAX
    assert disputes_queries.of_lines([other.id], now()) == []
    with pytest.raises(NoSuchDispute):
        disputes_queries.dispute(number, [other.id], now())


@pytest.mark.django_db(transaction=True)
def test_cab_18_ten_tabs_make_one_dispute_and_one_agent_takes_it() -> None:
    line = make.customer()
    thing = written.of_charge(make.charge(line))
    numbers = at_once(lambda _: written.opened(line, thing), 10)
    assert len(set(numbers)) == 1, numbers
    agents = [support.agent(Role.CONTACT_CENTRE) for _ in range(5)]
    number = models.Dispute.objects.get().pk
    answers = at_once(lambda index: written.taken(agents[index], number), 5)
    assert sum(isinstance(answer, int) for answer in answers) == 1, answers
    assert {answer.refusal for answer in answers if isinstance(answer, Refused)} == {Refusal.TAKEN}
    close_old_connections()
