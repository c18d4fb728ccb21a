"""Requests about charges in the consoles (CAB-18, OPS-3): the queue, the talk about one, the two ways to answer it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from abonent.domains.lines.queries import Line
from abonent.domains.support import models
from abonent.domains.support.rules import Role
from abonent.foundation.clock import now
from tests.factories import cabinet, support
from tests.factories import corrections as make
from tests.factories import disputes as written
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
QUEUE = "/staff/disputes/"


@pytest.fixture
def client() -> Client:
    return support.browser(support.agent(Role.CONTACT_CENTRE))


def disputed(line: Line, amount_minor: int = 15_000, hours_ago: int = 0) -> int:
    thing = written.of_charge(make.charge(line, amount_minor))
    return written.opened(line, thing, at=now() - timedelta(hours=hours_ago))


def test_cab_18_a_request_is_taken_and_answered_in_words(client: Client) -> None:
    line = make.customer()
    number = disputed(line)
    assert "1 спор ждёт ответа" in words(client, "/staff/")
    assert line.number not in words(client, QUEUE)
    taken = client.post(f"{QUEUE}{number}/")
    page = words(client, taken["Location"])
    for said in ("Услугу не подключал", "Вернуть деньги", "Зачислить на счёт"):
        assert said in page, said
    assert "Отправить пароль" not in page
    assert "Кто звонит?" not in page
    answer = f"{taken['Location']}request/answer/"
    empty = client.post(answer, {"answer": "  "})
    assert "Напишите ответ" in empty.content.decode()
    assert models.Dispute.objects.get().answer == ""
    assert client.post(answer, {"answer": "Подключено 3 ноября"})["Location"] == f"{QUEUE}?answered"
    assert "Всё отвечено" in words(client, f"{QUEUE}?answered")
    assert client.post(answer, {"answer": "ещё раз"}).status_code == 409
    assert models.Dispute.objects.get().answer == "Подключено 3 ноября"


def test_ops_3_a_request_leads_to_the_form_with_its_charge_chosen(client: Client) -> None:
    line = make.customer()
    number = disputed(line)
    for _ in range(60):
        make.charge(line, 100)
    case = client.post(f"{QUEUE}{number}/")["Location"]
    charge_id = models.Dispute.objects.get().charge_id
    form = client.get(f"{case}credit/?thing={charge_id}").content.decode()
    assert f'<option value="{charge_id}" selected>' in form
    key = form.partition('name="key" value="')[2][:36]
    given = {"key": key, "thing": str(charge_id), "amount": "150", "reason": "not ordered", "comment": "Прав"}
    assert client.post(f"{case}credit/", given).status_code == 302
    proposal = models.Proposal.objects.get()
    assert proposal.dispute_id == number
    assert "Ждёт второго сотрудника" in words(client, case)
    assert client.post(f"{case}request/answer/", {"answer": "Вернём"}).status_code == 409


def test_cab_18_what_is_late_is_said_and_stands_first(client: Client) -> None:
    line = make.customer()
    fresh, late = disputed(line), disputed(line, hours_ago=25)
    page = words(client, QUEUE)
    assert page.index(f"№ {late}") < page.index(f"№ {fresh}")
    assert page.count("Просрочено:") == 1


def test_cab_18_a_colleagues_request_and_a_busy_agent_are_told(client: Client) -> None:
    line = make.customer()
    number, other = disputed(line), disputed(line)
    case = client.post(f"{QUEUE}{number}/")["Location"]
    busy = client.post(f"{QUEUE}{other}/")
    assert busy.status_code == 409
    assert "У вас открыто другое обращение" in busy.content.decode()
    colleague = support.browser(support.agent(Role.CONTACT_CENTRE))
    assert "Коллега уже работает" in colleague.post(f"{QUEUE}{number}/").content.decode()
    assert colleague.get(case).status_code == 404
    assert colleague.post(f"{case}request/answer/", {"answer": "x"}).status_code == 404
    assert client.post(f"{QUEUE}{10**25}/").status_code == 404
    assert client.post(f"{QUEUE}999999/").status_code == 404
    assert not models.Dispute.objects.exclude(answer="").exists()


def test_cab_18_the_queue_takes_so_many_queries_with_much_data(client: Client) -> None:
    for _ in range(3):
        line = make.customer()
        for _number in range(8):
            disputed(line, 100)
    assert cabinet.queries_of(client, QUEUE) <= 6
