"""Requests on the pages of the cabinet (CAB-18): from the form with its files to the answer and back."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from abonent.domains.support import models
from abonent.domains.support.requests.states import Event
from abonent.foundation.clock import now
from tests.drills.hostile import EVIL
from tests.factories import cabinet, identity, support
from tests.factories import requests as make
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
NEW = "/requests/new/coverage/"


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    options = {"location": tmp_path / "requests", "base_url": None}
    mine = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"requests": mine}
    settings.AUDIT_HEAD = tmp_path / "audit-head"


def sent(client: Client, address: str, *files: tuple[str, bytes], **fields: object):
    given = {
        "key": str(uuid4()),
        "subject": "Нет сети",
        "text": "Второй день нет сети у дома",
        "channel": "sms",
    } | fields
    uploads = [SimpleUploadedFile(name, content, "image/jpeg") for name, content in files]
    return client.post(address, given | ({"files": uploads} if uploads else {}))


def test_cab_18_from_the_form_with_a_photo_to_the_answer_and_it_did_not_help() -> None:
    line = cabinet.line()
    client, agent = identity.browser(line), support.agent()
    kinds = words(client, "/requests/new/")
    assert "Плохая связь" in kinds
    assert "ответим до" in kinds
    assert "Ответим до" in words(client, NEW)
    response = sent(client, NEW, ("дом.jpg", make.photo()), line=str(line.id))
    request = models.Request.objects.get()
    assert response["Location"] == f"/requests/{request.pk}/?new"
    page = words(client, response["Location"])
    for said in (f"О-{request.opened_at.year}-", "Принято", "Второй день нет сети", "дом.jpg", "Ответим до"):
        assert said in page, said
    link = re.search(r"/requests/\d+/files/[0-9a-f-]+/", client.get(response["Location"]).content.decode())
    assert link
    file = client.get(link[0])
    assert file["Content-Disposition"].startswith("attachment")
    assert (file["Content-Type"], file["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert file["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in file["Cache-Control"]
    make.take(agent, request.pk)
    make.say(agent, request.pk, None, "секрет между нами")
    make.say(agent, request.pk, Event.ASKED, "В какой комнате?")
    assert "Ваш ход" in words(client, "/requests/")
    address = f"/requests/{request.pk}/"
    assert client.post(address, {"key": str(uuid4()), "text": "В кухне"})["Location"] == f"{address}?sent"
    make.say(agent, request.pk)
    page = words(client, address)
    assert "секрет между нами" not in page
    assert "Вышку починили" in page
    assert client.post(address, {"key": str(uuid4()), "text": "Снова пропала"}).status_code == 302
    assert "Принято" in words(client, address)
    make.answered(agent, request.pk)
    client.post(f"{address}helped/")
    assert "Обращение закрыто" in words(client, address)
    assert client.post(f"{address}call-off/").status_code == 302
    assert models.Request.objects.get().state == "closed"


def test_cab_18_what_was_good_stays_when_something_is_wrong() -> None:
    line, key = cabinet.line(), str(uuid4())
    client = identity.browser(line)
    files = (
        ("a.jpg", make.photo()),
        ("page.png", b"<html><script>alert(1)</script>"),
        ("big.txt", b"x" * (10 * 1024 * 1024 + 1)),
    )
    response = sent(client, NEW, *files, key=key, subject="", text="Длинный рассказ о сети")
    shown = response.content.decode()
    for said in (
        "Длинный рассказ о сети", "a.jpg", "«page.png»", "принимаем только изображения", "«big.txt»", "больше 10 МБ",
        "Напишите в двух словах", key,
    ):  # fmt: skip
        assert said in shown, said
    assert not models.Request.objects.exists()
    kept = models.RequestFile.objects.get()
    again = sent(client, NEW, ("b.txt", b"hello"), key=key, remove=str(kept.id))
    assert again.status_code == 302
    assert [file.name for file in models.RequestFile.objects.all()] == ["b.txt"]
    assert sent(client, NEW, key=key)["Location"] == again["Location"].replace("?new", "")
    assert models.Request.objects.count() == 1


def test_cab_18_six_files_are_too_many_and_lies_are_told() -> None:
    client = identity.browser(cabinet.line())
    files = tuple((f"{number}.txt", f"text {number}".encode()) for number in range(6))
    page = sent(client, NEW, *files).content.decode()
    assert "«5.txt»: с одним сообщением можно отправить до 5 файлов" in page
    assert "«4.txt»" not in page
    lie = sent(client, NEW, ("paper.pdf", make.photo()), ("a.svg", b"<svg onload=alert(1)>")).content.decode()
    assert "имя обещает один тип" in lie
    assert "<svg onload" not in lie
    assert not models.Request.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""}, {"text": "x" * 5000}, {"text": "\0\0"}, {"subject": "y" * 200}, {"line": "999999"},
        {"line": EVIL}, {"channel": "pigeon"}, {"channel": "email"}, {"subject": " ", "text": EVIL[:3]},
    ],
)  # fmt: skip
def test_cab_18_a_form_with_a_mistake_comes_back_with_what_was_typed(fields: dict[str, str]) -> None:
    response = sent(identity.browser(cabinet.line()), NEW, **fields)
    assert response.status_code == 200
    assert "Ошибка:" in response.content.decode()
    assert not models.Request.objects.exists()


def test_cab_18_somebody_elses_request_is_not_there() -> None:
    line, stranger, key = support.customer(), identity.browser(), uuid4()
    file_id = make.file(line, key)
    request_id = make.opened(line, key=key)
    for address in (
        f"{request_id}/",
        f"{request_id}/files/{file_id}/",
        "999999/",
        f"{10**25}/",
        f"{10**25}/files/{file_id}/",
        "new/money/",
    ):
        assert stranger.get(f"/requests/{address}").status_code == 404, address
    for address in (f"{request_id}/", f"{request_id}/helped/", f"{request_id}/call-off/", f"{10**25}/call-off/"):
        assert stranger.post(f"/requests/{address}", {"key": str(uuid4()), "text": "Моё!"}).status_code == 404, address
    assert sent(stranger, NEW, key=str(key)).status_code == 404
    assert Client().get(f"/requests/{request_id}/")["Location"].startswith("/login/")
    assert models.Request.objects.get().state == "acknowledged"
    assert models.RequestNote.objects.count() == 1


def test_cab_18_it_takes_so_many_queries_with_much_data() -> None:
    line, agent = cabinet.line(), support.agent()
    client = identity.browser(line)
    for number in range(10):
        request_id = make.opened(line, at=now() - timedelta(hours=number))
    make.take(agent, request_id)
    for _ in range(12):
        make.write(line, request_id)
    for address, most in (("/requests/", 3), (f"/requests/{request_id}/", 6), (NEW, 3), ("/requests/new/", 2)):
        assert cabinet.queries_of(client, address) <= most, address
    full = sent(client, NEW)
    assert full.status_code == 409
    assert "Десять ваших обращений" in full.content.decode()
    assert "Второй день нет сети" in full.content.decode()


class Never(BytesIO):
    """A body that nobody may read."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("it was read")


def test_ops_2_what_is_larger_than_any_form_is_refused_before_it_is_read() -> None:
    client = identity.browser(cabinet.line())
    for address, length in ((NEW, 10**9), ("/topup/", 3 * 1024 * 1024), ("/login/", 10**9), ("/no-such-page/", 10**12)):
        response = client.generic(
            "POST", address, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(length),
            **{"wsgi.input": Never()},
        )  # fmt: skip
        assert response.status_code == 413, address
    assert "до 5 файлов по 10 МБ" in response.content.decode()


def test_ops_2_files_are_let_go_where_none_is_asked_for() -> None:
    client = Client()
    response = client.post("/login/", {"number": "+79000000001", "f": SimpleUploadedFile("a.bin", b"x" * 500_000)})
    assert response.status_code == 302
