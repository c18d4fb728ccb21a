"""Requests in the consoles (CAB-18, OPS-1): the queue by deadline, one with its conversation, hands, service times."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from abonent.domains.support import models
from abonent.domains.support.requests import queries as requests_queries
from abonent.domains.support.rules import Role
from abonent.foundation.clock import now
from tests.factories import cabinet, support
from tests.factories import requests as make
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
QUEUE = "/staff/requests/"


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    options = {"location": tmp_path / "requests", "base_url": None}
    mine = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"requests": mine}


@pytest.fixture
def client() -> Client:
    return support.browser(support.agent(Role.CONTACT_CENTRE))


def reply(client: Client, request_id: int, act: str, text: str, key: object = None):
    return client.post(f"{QUEUE}{request_id}/reply/", {"key": str(key or uuid4()), "act": act, "text": text})


def test_cab_18_a_request_is_taken_asked_back_and_answered(client: Client) -> None:
    line, key = support.customer(), uuid4()
    file_id = make.file(line, key)
    request_id = make.opened(line, key=key)
    assert "1 обращение ждёт ответа" in words(client, "/staff/")
    queue = words(client, QUEUE)
    assert "Нет сети" in queue
    assert line.number not in queue
    number = requests_queries.for_staff(request_id).number
    assert client.get(QUEUE, {"number": number.lower()})["Location"] == f"{QUEUE}{request_id}/"
    assert "В номере ошибка" in words(client, f"{QUEUE}?number={number[:-1]}")
    early = reply(client, request_id, "answered", "Готово, проверяйте")
    assert early.status_code == 409
    assert "Сначала возьмите его" in early.content.decode()
    assert "Готово, проверяйте" in early.content.decode()
    assert client.post(f"{QUEUE}{request_id}/take/")["Location"] == f"{QUEUE}{request_id}/"
    page = client.get(f"{QUEUE}{request_id}/").content.decode()
    file = client.get(f"{QUEUE}{request_id}/files/{file_id}/")
    assert f"/files/{file_id}/" in page
    assert file["Content-Disposition"].startswith("attachment")
    assert file["Content-Security-Policy"].startswith("sandbox")
    assert reply(client, request_id, "noted", "Спросить сеть").status_code == 302
    assert "Напишите текст" in reply(client, request_id, "asked", " ").content.decode()
    assert reply(client, request_id, "paid", "Так нельзя").status_code == 400
    assert reply(client, request_id, "asked", "Где именно?")["Location"] == f"{QUEUE}?done"
    assert "Клиенту сообщено" in words(client, f"{QUEUE}?done")
    make.write(line, request_id, "На кухне")
    for said in ("Между нами", "Спросить сеть", "На кухне"):
        assert said in words(client, f"{QUEUE}{request_id}/"), said
    key = uuid4()
    for _ in range(2):
        assert reply(client, request_id, "answered", "Вышку починили", key).status_code == 302
    assert models.RequestNote.objects.filter(text="Вышку починили").count() == 1
    assert reply(client, request_id, "answered", "Ещё раз").status_code == 409


def test_ops_1_what_is_late_stands_first_and_a_colleagues_stays_theirs(client: Client) -> None:
    line, at = support.customer(), now()
    fresh = make.opened(line, subject="Свежее")
    make.opened(line, subject="Опоздавшее", at=at - timedelta(hours=25))
    soon = make.opened(line, subject="Скорое", at=at - timedelta(hours=22))
    page = words(client, QUEUE)
    assert page.index("Опоздавшее") < page.index("Скорое") < page.index("Свежее")
    assert (page.count("Просрочено:"), page.count("Скоро срок:")) == (1, 1)
    senior, colleague = support.agent(Role.SUPERVISOR), support.agent()
    make.take(colleague, fresh)
    assert client.post(f"{QUEUE}{fresh}/take/").status_code == 409
    assert reply(client, fresh, "answered", "Чужое дело").status_code == 409
    assert client.post(f"{QUEUE}{fresh}/give-back/").status_code == 409
    assert client.post(f"{QUEUE}{soon}/assign/", {"agent": colleague.id}).status_code == 403
    boss = support.browser(senior)
    assert colleague.name in words(boss, f"{QUEUE}{soon}/")
    assert boss.post(f"{QUEUE}{soon}/assign/", {"agent": colleague.id}).status_code == 302
    for wrong in ("", "x", "9" * 30, support.agent(Role.SHOP).id):
        assert boss.post(f"{QUEUE}{soon}/assign/", {"agent": wrong}).status_code == 404
    theirs = support.browser(colleague)
    assert "У вас в работе" in words(theirs, QUEUE)
    assert theirs.post(f"{QUEUE}{soon}/give-back/")["Location"] == QUEUE
    for far in (f"{10**25}/", "999999/"):
        assert client.get(f"{QUEUE}{far}").status_code == 404
        assert client.post(f"{QUEUE}{far}take/").status_code == 404
    assert client.get(f"{QUEUE}{soon}/files/{uuid4()}/").status_code == 404


def test_ops_1_the_report_and_the_queue_take_so_many_queries_with_much_data(client: Client) -> None:
    assert "никто не писал" in words(client, f"{QUEUE}report/")
    agent, at = support.agent(), now()
    for _ in range(3):
        line = support.customer()
        for number in range(8):
            request_id = make.opened(line, at=at - timedelta(hours=30 - number))
        make.answered(agent, request_id, at - timedelta(hours=20))
    report = words(client, f"{QUEUE}report/")
    assert "Вопрос 24" in report
    assert "3 ч" in report
    assert cabinet.queries_of(client, QUEUE) <= 5
    assert cabinet.queries_of(client, f"{QUEUE}report/") <= 4
    assert cabinet.queries_of(client, f"{QUEUE}{request_id}/") <= 7
