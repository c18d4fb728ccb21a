"""Who is calling: right or wrong, never what would be right; three wrong a day, however many ask at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction

from abonent.domains.billing import actions as billing
from abonent.domains.customers import models as customers
from abonent.domains.identity import models as identity
from abonent.domains.lines.queries import Line
from abonent.domains.support import actions, checks, models, queries, rules
from abonent.domains.support.rules import Contact, NotThere, Question, Refusal, Refused, Role
from abonent.foundation.audit import verify
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import at_once
from tests.factories import support


def refusal_of(*arguments: object) -> Refusal:
    with pytest.raises(Refused) as refused:
        support.answer(*arguments)  # type: ignore[arg-type] # as the caller gives it
    return refused.value.refusal


def contract_of(line: Line) -> str:
    found = queries.customer(line.id)
    assert found
    return found.contract_number


@pytest.mark.django_db
def test_id_10_two_right_answers_show_who_it_is_and_the_owner_sees_it() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.case(agent, line)
    assert not support.answer(agent, case_id, Question.CONTRACT, "X-1")
    assert support.answer(agent, case_id, Question.BIRTH_DATE, "31 12 1980")
    assert not queries.case(case_id, agent.id).is_checked(now()), "one right answer is not enough"
    assert support.answer(agent, case_id, Question.DOCUMENT_TAIL, "34-56")
    assert queries.case(case_id, agent.id).is_checked(now())
    event = identity.SecurityEvent.objects.get(kind="agent verified")
    assert (event.by, event.detail) == (agent.by, {"how": "questions", "contact": "call"})
    said = [entry.action for entry in verify.newest(5)]
    assert said == ["identity checked", "answer right", "answer right", "answer wrong", "case opened"]
    assert "1980" not in str([entry.details for entry in verify.newest(50)])


@pytest.mark.django_db
def test_two_weak_answers_show_nobody() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.case(agent, line)
    assert support.answer(agent, case_id, Question.BIRTH_DATE, "31.12.1980")
    assert support.answer(agent, case_id, Question.CONTRACT, contract_of(line).lower())
    assert not queries.case(case_id, agent.id).is_checked(now())


@pytest.mark.django_db
def test_the_last_top_up_is_asked_of_billing() -> None:
    agent, line = support.agent(), support.customer()
    billing.open_accounts(contract_ids=[line.contract_id])
    for amount in (10_000, 50_000):
        billing.top_up(payment_id=uuid4(), contract_id=line.contract_id, amount_minor=amount, at=now(), method="card")
    case_id = support.case(agent, line)
    assert support.answer(agent, case_id, Question.TOP_UP, "500 рублей")


@pytest.mark.django_db
def test_what_nobody_knows_is_never_right() -> None:
    agent, line = support.agent(), support.customer(cabinet=False)
    customers.Party.objects.filter(id=line.party_id).update(birth_date=None, code_word_hash="")
    case_id = support.case(agent, line)
    for question, said in ((Question.BIRTH_DATE, "31.12.1980"), (Question.CODE_WORD, ""), (Question.TOP_UP, "0")):
        assert not support.answer(agent, case_id, question, said)


@pytest.mark.django_db
def test_a_question_is_asked_once_in_a_talk_and_counts_once() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.case(agent, line)
    assert not support.answer(agent, case_id, Question.CODE_WORD, "воробей")
    assert refusal_of(agent, case_id, Question.CODE_WORD, support.CODE_WORD) is Refusal.ASKED_BEFORE
    assert models.PartyGuard.objects.get().taken == 1


@pytest.mark.django_db
def test_three_wrong_answers_close_the_day_over_all_agents_and_talks() -> None:
    one, other, line = support.agent(), support.agent(), support.customer()
    first, second = support.case(one, line), support.case(other, line)
    assert support.answer(one, first, Question.CONTRACT, contract_of(line))
    assert not support.answer(one, first, Question.CODE_WORD, "воробей")
    assert not support.answer(other, second, Question.CODE_WORD, "дрозд")
    assert not support.answer(one, first, Question.BIRTH_DATE, "01.01.1970")
    for agent, case_id in ((one, first), (other, second)):
        assert queries.case(case_id, agent.id).outcome == actions.CHECK_FAILED
        assert refusal_of(agent, case_id, Question.DOCUMENT_TAIL, support.TAIL) is Refusal.CLOSED
    again = support.case(one, line)
    assert refusal_of(one, again, Question.CODE_WORD, support.CODE_WORD) is Refusal.DAY_IS_OVER
    assert not queries.case(again, one.id).is_checked(now())
    assert identity.SecurityEvent.objects.get(kind="agent acted").detail["deed"] == "check failed"
    tomorrow = now() + timedelta(days=1)
    with time_machine.travel(tomorrow):
        later = support.case(one, line)
        assert support.answer(one, later, Question.CODE_WORD, support.CODE_WORD)


@pytest.mark.django_db
def test_a_failed_day_ends_a_check_that_another_agent_passed_before() -> None:
    one, other, line = support.agent(), support.agent(), support.customer()
    checked = support.checked(one, line)
    case_id = support.case(other, line)
    for question in (Question.CODE_WORD, Question.BIRTH_DATE, Question.CONTRACT):
        assert not support.answer(other, case_id, question, "2 2 2000")
    assert not queries.case(checked, one.id).is_checked(now())


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_by_many_agents_compare_three_at_most() -> None:
    line = support.customer()
    agents = [support.agent() for _ in range(10)]
    cases = {agent.id: support.case(agent, line) for agent in agents}

    def guess(index: int) -> bool:
        agent = agents[index % 10]
        question = (Question.CODE_WORD, Question.BIRTH_DATE, Question.DOCUMENT_TAIL)[index // 10]
        return support.answer(agent, cases[agent.id], question, "1 1 1111")

    answers = at_once(guess)
    assert answers.count(False) == rules.WRONG_A_DAY
    assert all(isinstance(answer, Refused) for answer in answers if answer is not False), answers
    assert models.PartyGuard.objects.get().wrong == 3
    assert not models.Case.objects.filter(closed_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_right_answers_at_once_prove_once_and_lose_no_try() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.case(agent, line)
    given = [(Question.CODE_WORD, support.CODE_WORD), (Question.BIRTH_DATE, "31.12.1980")]
    at_once(lambda index: support.answer(agent, case_id, *given[index]), 2)
    assert queries.case(case_id, agent.id).is_checked(now())
    assert models.PartyGuard.objects.get().taken == 0
    assert identity.SecurityEvent.objects.filter(kind="agent verified").count() == 1
    assert verify.verify().broken is None


@pytest.mark.django_db(transaction=True)
def test_a_check_that_waits_for_another_talk_holds_nobody_up_who_writes_into_the_trail() -> None:
    """Each would wait for the other otherwise: the deed has its case and wants the trail."""
    one, other, line = support.agent(), support.agent(), support.customer()
    failing, acting = support.case(one, line), support.case(other, line)
    for question in (Question.CODE_WORD, Question.BIRTH_DATE):
        assert not support.answer(one, failing, question, "1 1 1111")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            models.Case.objects.select_for_update(no_key=True).get(id=acting)
            third = pool.submit(_in_a_thread, lambda: support.answer(one, failing, Question.CONTRACT, "X-1"))
            wait_until_somebody_waits()
            with connection.cursor() as cursor:
                cursor.execute("select pg_try_advisory_xact_lock(hashtext('audit_entry'))")
                assert cursor.fetchone() == (True,)
        assert third.result(timeout=10) is False
    assert queries.case(acting, other.id).outcome == actions.CHECK_FAILED


def _in_a_thread(work: Callable[[], bool]) -> bool:
    try:
        return work()
    finally:
        connection.close()


def wait_until_somebody_waits() -> None:
    """Return once another connection waits for a lock."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                """select pg_stat_clear_snapshot(), count(*) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'"""
            )
            if cursor.fetchone()[1]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.django_db
def test_anothers_talk_a_closed_one_and_a_visit_take_no_answers() -> None:
    one, other, line = support.agent(), support.agent(), support.customer()
    case_id = support.case(one, line)
    with pytest.raises(NotThere):
        support.answer(other, case_id, Question.CODE_WORD, support.CODE_WORD)
    actions.close_case(agent=one, case_id=case_id, outcome="x", origin="", at=now())
    assert refusal_of(one, case_id, Question.CODE_WORD, support.CODE_WORD) is Refusal.CLOSED
    shop = support.agent(Role.SHOP)
    visit = support.case(shop, line, Contact.VISIT)
    assert refusal_of(shop, visit, Question.CODE_WORD, support.CODE_WORD) is Refusal.NOT_ALLOWED
    assert not models.PartyGuard.objects.exists()


@pytest.mark.django_db
def test_id_11_the_owners_document_is_compared_and_another_counts_as_wrong() -> None:
    agent, line = support.agent(Role.SHOP), support.customer()
    case_id = support.case(agent, line, Contact.VISIT)

    def show(number: str) -> bool:
        shown = checks.Document("passport", number, support.BORN)
        return checks.show_document(agent=agent, case_id=case_id, document=shown, origin="", at=now())

    assert not show("4509 000000")
    assert show("4509 № 123456")
    assert queries.case(case_id, agent.id).checked_by == "passport"
    checked = verify.newest(1)[0]
    assert checked.details == {"how": "passport", "document": "passport", "number": "45···56"}
    assert not show("1")
    assert not show("")
    assert queries.case(case_id, agent.id).outcome == actions.CHECK_FAILED


@pytest.mark.django_db
def test_a_check_counts_half_an_hour() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.checked(agent, line)
    with time_machine.travel(now() + rules.CHECK_LIFE):
        assert not queries.case(case_id, agent.id).is_checked(now())
