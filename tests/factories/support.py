"""Staff, their browsers, their cases."""

from __future__ import annotations

import base64
from datetime import date, datetime
from itertools import count
from uuid import uuid4

from django.test import Client

from abonent.domains.customers import models as customers
from abonent.domains.customers.actions import change_code_word, change_document
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors import rules as factor_rules
from abonent.domains.lines import actions as lines_actions
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line
from abonent.domains.support import actions, checks, deeds, queries, staff
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import Contact, Deed, Question, Role
from abonent.foundation.audit import Actor
from abonent.foundation.clock import now
from tests.factories import lines

PASSWORD = "Kemuta-Voridi-Nopalu-42"
DOCUMENT, TAIL, CODE_WORD, BORN = "4509 123456", "3456", "Ласточка", date(1980, 12, 31)
HOST = "testserver"
_numbers = count(1)


def agent(*roles: Role, first_entry: bool = False) -> Agent:
    """Add somebody who has a password of their own, unless it is their first entry."""
    login = f"agent{next(_numbers)}"
    new = staff.NewAgent(login, f"А. {login}", roles or (Role.CONTACT_CENTRE,), "Салон «Ленина, 12»")
    first = staff.add(new, actor=Actor("command", "test"), at=now())
    added = queries.by_login(login)
    assert added
    if first_entry:
        FIRST_PASSWORDS[login] = first
        return added
    staff.set_password(agent=added, password=PASSWORD, at=now())
    factors.start_totp(account_id=added.account_id, at=now())
    secret = factors.totp_begun(added.account_id)
    assert secret
    SECRETS[login] = secret
    factors.confirm_totp(account_id=added.account_id, typed=code(secret, -1), at=now())
    found = queries.agent(added.id)
    assert found
    return found


SECRETS: dict[str, str] = {}
FIRST_PASSWORDS: dict[str, str] = {}


def code(secret: str, steps: int = 0) -> str:
    """Return what the authenticator app shows now, or so many steps later."""
    return factor_rules.totp(base64.b32decode(secret), factor_rules.step_of(now()) + steps)


def browser(of: Agent) -> Client:
    """Return a browser in which somebody of staff is signed in, by the pages themselves."""
    client = Client()
    assert client.post("/staff/login/", {"login": of.login, "password": PASSWORD})["Location"] == "/staff/login/second/"
    response = client.post("/staff/login/second/", {"code": code(SECRETS[of.login])})
    assert (response.status_code, response["Location"]) == (302, "/staff/"), response.content.decode()
    return client


def customer(*, cabinet: bool = True, account_number: str | None = None) -> Line:
    """Return the line of somebody whose document, code word and birth date are known."""
    line = lines.line()
    known(line)
    if account_number:
        customers.Contract.objects.filter(id=line.contract_id).update(account_number=account_number)
    if cabinet:
        lines_actions.open_line(line_id=line.id, language="ru", at=now())
    return line


def known(line: Line) -> None:
    """Let the holder of the line have the document, the code word and the birth date of everybody here."""
    customers.Party.objects.filter(id=line.party_id).update(birth_date=BORN)
    change_document(party_id=line.party_id, document=DOCUMENT)
    change_code_word(party_id=line.party_id, code_word=CODE_WORD)


def case(of: Agent, line: Line, contact: Contact = Contact.CALL, at: datetime | None = None) -> int:
    """Open a talk."""
    return actions.open_case(agent=of, line_id=line.id, contact=contact, origin="10.0.0.0/24", at=at or now())


def answer(of: Agent, case_id: int, question: Question, said: str, at: datetime | None = None) -> bool:
    """Compare one answer."""
    return checks.answer(agent=of, case_id=case_id, question=question, said=said, origin="10.0.0.0/24", at=at or now())


def checked(of: Agent, line: Line) -> int:
    """Open a call and check who it is."""
    case_id = case(of, line)
    assert answer(of, case_id, Question.CODE_WORD, CODE_WORD)
    assert answer(of, case_id, Question.BIRTH_DATE, "31.12.1980")
    return case_id


def visited(of: Agent, line: Line) -> int:
    """Open a visit and see the document."""
    case_id = case(of, line, Contact.VISIT)
    shown = checks.Document("passport", DOCUMENT, BORN)
    assert checks.show_document(agent=of, case_id=case_id, document=shown, origin="", at=now())
    return case_id


def order(of: Agent, case_id: int, deed: Deed, **more: object) -> deeds.Order:
    """Return what an agent asks to be done."""
    given = {"key": uuid4(), "origin": "10.0.0.0/24", "host": HOST, "at": now()} | more
    return deeds.Order(agent=of, case_id=case_id, deed=deed, **given)  # type: ignore[arg-type] # as the caller gives it


def swap_sim(line: Line) -> None:
    """Let the network say that another SIM serves the line."""
    network.note_sim_replaced(number=line.number, imsi="250990000000001", at=now(), key=str(uuid4()))


def agree(by: Agent) -> None:
    """Let the second person agree to all that waits."""
    for approval in queries.approvals_waiting(now()):
        actions.decide(agent=by, approval_id=approval.id, granted=True, origin="", at=now())
