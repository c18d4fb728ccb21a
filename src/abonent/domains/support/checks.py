"""Who is it: questions on the phone, the document in a shop. An answer is taken up before it is compared.

Nobody is told what would have been right, only whether it was; what was said is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate

from abonent.domains.billing import queries as billing
from abonent.domains.customers import queries as customers
from abonent.domains.customers.actions import Identity, note_identity
from abonent.domains.identity import journal
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.support import actions, models, queries, rules
from abonent.domains.support.queries import Agent, Case, Customer
from abonent.domains.support.rules import Contact, Question, Refusal, Refused
from abonent.foundation import audit

Details = Mapping[str, audit.Detail]
ENTERED = "customer entered"
# What the trail says was done, and of what.
Act = tuple[str, Details]

_TAKE = """
insert into support_partyguard as guard (party_id, day, taken, wrong) values (%(party)s, %(day)s, 1, 0)
on conflict (party_id, day) do update set taken = guard.taken + 1 where guard.taken < %(most)s
returning 1
"""
_SETTLE = """
update support_partyguard set taken = taken - %(right)s, wrong = wrong + 1 - %(right)s
 where party_id = %(party)s and day = %(day)s returning wrong
"""


@dataclass(frozen=True, slots=True)
class Document:
    """What an agent reads from a document; `kind` is one of `rules.DOCUMENTS`."""

    kind: str
    number: str
    birth_date: date


def answer(*, agent: Agent, case_id: int, question: Question, said: str, origin: str, at: datetime) -> bool:
    """Compare what the caller said with what is known and return whether it is right.

    Stands outside any transaction: the answer counts for good. Each question is asked once in a case; three wrong
    answers a day about a party, over all agents, end every case about it. Raises `NotThere`, `Refused`.
    """
    case = _case(agent, case_id, Contact.CALL, at)
    try:
        with transaction.atomic(durable=True):
            _take(case.party_id, at)
            taken = models.Answer.objects.create(case_id=case_id, question=question, at=at)
    except IntegrityError as error:
        if "support_question_once" not in str(error):
            raise
        raise Refused(Refusal.ASKED_BEFORE) from None
    customer = queries.customer(case.line_id)
    right = customer is not None and _COMPARE[question](customer, said)
    with transaction.atomic():
        wrong = _settle(case.party_id, right=right, at=at)
        # Two right answers at once must see each other.
        models.Case.objects.select_for_update(no_key=True).get(id=case_id)
        models.Answer.objects.filter(id=taken.pk).update(right=right)
        acts: list[Act] = [("answer right" if right else "answer wrong", {"question": question.value})]
        given = queries.answers_in(case_id)
        if right and rules.proves([asked for asked, was_right in given.items() if was_right]):
            acts += _note_checked(agent, case, "questions", {}, at)
        if wrong >= rules.WRONG_A_DAY:
            acts += _end_for_the_day(agent, case, at)
        _record(agent, case, acts, origin, at)
    return right


def show_document(*, agent: Agent, case_id: int, document: Document, origin: str, at: datetime) -> bool:
    """Compare a document that lies before the agent with what is known of the owner; return whether it is the owner's.

    A document that is another's counts as a wrong answer. Raises as `answer`.
    """
    case = _case(agent, case_id, Contact.VISIT, at)
    with transaction.atomic(durable=True):
        _take(case.party_id, at)
    same = customers.verify(case.party_id, document=document.number, birth_date=document.birth_date)
    right = bool(same) and all(same.values())
    details: Details = {"document": document.kind, "number": rules.masked(rules.plain(document.number))}
    with transaction.atomic():
        wrong = _settle(case.party_id, right=right, at=at)
        models.Case.objects.select_for_update(no_key=True).get(id=case_id)
        acts = _note_checked(agent, case, document.kind, details, at) if right else [("document of another", details)]
        if wrong >= rules.WRONG_A_DAY:
            acts += _end_for_the_day(agent, case, at)
        _record(agent, case, acts, origin, at)
    return right


def may_enter(case: Case) -> bool:
    """Return whether nobody has entered yet who the customer of the case's contract is.

    Where somebody has a cabinet already and no document is known to compare with, nobody may: one member of staff
    could enter anybody, and get into that cabinet by a code to that person's number.
    """
    customer = queries.customer(case.line_id)
    contract = customers.contract(customer.contract_id) if customer else None
    if contract is None or contract.entered_at is not None:
        return False
    return customers.has_document(case.party_id) or not lines.accounts_of_line(case.line_id)


def enter_customer(*, agent: Agent, case_id: int, kind: str, identity: Identity, origin: str, at: datetime) -> None:
    """Enter who the customer is, from the document (of the `kind`) that lies before the agent; it counts as a check.

    Once for a contract. Where a document of the party is known, it must be that one. Raises `NotThere`, `Refused`,
    `customers.rules.BadIdentity`; nothing is changed then.
    """
    case = _case(agent, case_id, Contact.VISIT, at)
    customer = queries.customer(case.line_id)
    if customer is None or not may_enter(case):
        raise Refused(Refusal.NOTHING_TO_DO)
    if customers.has_document(case.party_id):
        shown = Document(kind, identity.document, identity.birth_date)
        if not show_document(agent=agent, case_id=case_id, document=shown, origin=origin, at=at):
            raise Refused(Refusal.NOT_CHECKED)
    with transaction.atomic():
        models.Case.objects.select_for_update(no_key=True).get(id=case_id)
        note_identity(contract_id=customer.contract_id, identity=identity, by=agent.by, at=at)
        acts = _note_checked(agent, case, kind, {}, at)
        _tell_owners(agent, case, ENTERED, at)
        details: Details = {"contact": rules.masked_number(identity.contact_number), "document": kind}
        _record(agent, case, [*acts, (ENTERED, details)], origin, at)


def _case(agent: Agent, case_id: int, contact: Contact, at: datetime) -> Case:
    case = queries.case(case_id, agent.id)
    if rules.CHECKS[contact] not in agent.permissions or case.contact is not contact:
        raise Refused(Refusal.NOT_ALLOWED)
    if not case.is_open(at):
        raise Refused(Refusal.CLOSED)
    return case


def _take(party_id: int, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"party": party_id, "day": localdate(at), "most": rules.WRONG_A_DAY})
        if cursor.fetchone() is None:
            raise Refused(Refusal.DAY_IS_OVER)


def _settle(party_id: int, *, right: bool, at: datetime) -> int:
    """Give a right answer's try back, or count a wrong one; return how many are wrong today.

    The first statement of its transaction: whoever locks the party's guard goes on to cases, never the other way.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"party": party_id, "day": localdate(at), "right": int(right)})
        return int(cursor.fetchone()[0])


def _end_for_the_day(agent: Agent, case: Case, at: datetime) -> list[Act]:
    ended = models.Case.objects.filter(party_id=case.party_id, closed_at=None)
    ended.update(closed_at=at, outcome=actions.CHECK_FAILED, checked_at=None)
    _tell_owners(agent, case, actions.CHECK_FAILED, at)
    return [("closed for the day", {})]


def _tell_owners(agent: Agent, case: Case, deed: str, at: datetime) -> None:
    """Tell whoever sees the line what was done about it."""
    for account_id in lines.accounts_of_line(case.line_id):
        journal.note(
            account_id=account_id, kind=EventKind.AGENT_ACTED, at=at, by=agent.by,
            detail={"deed": deed, "contact": case.contact.value},
        )  # fmt: skip


def _note_checked(agent: Agent, case: Case, how: str, details: Details, at: datetime) -> list[Act]:
    """Let the check count, unless the case was ended meanwhile."""
    if not models.Case.objects.filter(id=case.id, closed_at=None).update(checked_at=at, checked_by=how):
        return []
    for account_id in lines.accounts_of_line(case.line_id):
        journal.note(
            account_id=account_id, kind=EventKind.AGENT_VERIFIED, at=at, by=agent.by,
            detail={"how": how, "contact": case.contact.value}, tell=False,
        )  # fmt: skip
    return [("identity checked", {"how": how, **details})]


def _record(agent: Agent, case: Case, acts: Sequence[Act], origin: str, at: datetime) -> None:
    """Write the acts into the trail, last in the transaction: who has its lock must wait for nobody's case."""
    for action, details in acts:
        audit.record(
            actor=agent.actor, action=action, subject=f"case {case.id}", on_behalf_of=f"party {case.party_id}",
            details=details, origin=origin, at=at,
        )  # fmt: skip


def _is_birth_date(customer: Customer, said: str) -> bool:
    typed = rules.birth_date_typed(said)
    return typed is not None and customers.verify(customer.party_id, birth_date=typed).get("birth_date", False)


def _is_document_tail(customer: Customer, said: str) -> bool:
    return customers.verify(customer.party_id, document_tail=said).get("document_tail", False)


def _is_code_word(customer: Customer, said: str) -> bool:
    return customers.verify(customer.party_id, code_word=said).get("code_word", False)


def _is_contract(customer: Customer, said: str) -> bool:
    return rules.plain(said) == rules.plain(customer.contract_number)


def _is_top_up(customer: Customer, said: str) -> bool:
    return rules.same_sum(said, billing.last_top_up(customer.contract_id))


_COMPARE: dict[Question, Callable[[Customer, str], bool]] = {
    Question.BIRTH_DATE: _is_birth_date,
    Question.DOCUMENT_TAIL: _is_document_tail,
    Question.CODE_WORD: _is_code_word,
    Question.CONTRACT: _is_contract,
    Question.TOP_UP: _is_top_up,
}
