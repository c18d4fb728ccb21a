"""The consoles as agents use them, page by page."""

from __future__ import annotations

import pytest

from abonent.domains.support.rules import Question, Role
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
    assert counted == [12, 25, 25], "unchecked, checked, a deed"


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
