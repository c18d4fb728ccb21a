"""The consoles as agents use them, page by page."""

from __future__ import annotations

import re

import pytest

from abonent.domains.identity import journal
from abonent.domains.identity import queries as accounts
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import actions as lines
from abonent.domains.support import queries
from abonent.domains.support.rules import Question, Role
from abonent.foundation.clock import now
from tests.factories import lines as line_factory
from tests.factories import support
from tests.factories.cabinet import queries_of, words

pytestmark = pytest.mark.django_db


def test_a_case_takes_so_many_queries_before_and_after_the_check() -> None:
    agent = support.agent()
    client = support.browser(agent)
    line = support.customer()
    case_id = support.case(agent, line)
    counted = [queries_of(client, f"/staff/case/{case_id}/")]
    support.answer(agent, case_id, Question.CODE_WORD, support.CODE_WORD)
    support.answer(agent, case_id, Question.BIRTH_DATE, "31.12.1980")
    counted += [queries_of(client, f"/staff/case/{case_id}/{page}") for page in ("", "password_sms/")]
    assert counted == [12, 25, 28], "unchecked, checked, a deed"


def test_ops_1_an_agent_finds_checks_helps_and_closes() -> None:
    line = support.customer(account_number="200000001")
    agent = support.agent(Role.CONTACT_CENTRE)
    client = support.browser(agent)
    assert "По кому обращение" in words(client, "/staff/")
    found = client.post("/staff/search/", {"text": line.number}).content.decode()
    assert found.count(line.number) == 1, "only where it was typed"
    opened = client.post("/staff/case/", {"line": line.id, "contact": "call"})
    case = opened["Location"]
    before = words(client, case)
    assert "Анна О." in before
    assert "Орлова" not in before
    client.post(f"{case}answer/", {"question": "code word", "said": "воробей"})
    assert "Неверно" in words(client, case)
    client.post(f"{case}answer/", {"question": "birth date", "said": "31.12.1980"})
    client.post(f"{case}answer/", {"question": "document tail", "said": support.TAIL})
    after = words(client, case)
    assert "Личность подтверждена" in after
    assert "Орлова Анна Ивановна" in after
    page = client.get(f"{case}tell_account/").content.decode()
    key = page.split('name="key" value="')[1].split('"')[0]
    assert "200000001" not in page
    client.post(f"{case}tell_account/", {"key": key})
    assert "200000001" in words(client, case)
    assert client.post(f"{case}close/", {"outcome": "Назвали лицевой счёт"})["Location"] == "/staff/?closed"
    assert "Назвали лицевой счёт" in words(client, "/staff/")


def test_ops_1_a_talk_about_a_childs_number_is_about_its_own_cabinet() -> None:
    """Its owner's, which is older, sees the number too: what is asked about is what is protected."""
    agent, parent = support.agent(Role.CONTACT_CENTRE), support.customer()
    child = line_factory.line(contract_id=parent.contract_id, is_main=False)
    account_id = lines.open_line(line_id=child.id, language="ru", at=now())
    journal.note(account_id=account_id, kind=EventKind.EMAIL_SET, at=now())
    client, case_id = support.browser(agent), support.checked(agent, child)
    page = client.get(f"/staff/case/{case_id}/protect/").content.decode()
    found = re.search(r'name="event" value="(\d+)"', page)
    assert found
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    sent = client.post(f"/staff/case/{case_id}/protect/", {"key": key[1], "event": found[1]})
    assert sent["Location"] == f"/staff/case/{case_id}/?done=protect"
    assert accounts.standing(account_id).frozen_at
    assert not accounts.standing(queries.cabinet_of(parent.id) or 0).frozen_at
