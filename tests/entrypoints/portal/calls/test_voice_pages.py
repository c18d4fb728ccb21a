"""The pages of ring-back tones and of voicemail, and what the voicemail platform sends (VAS-4, VAS-5)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.rules import Guards
from abonent.domains.lines.queries import Line
from abonent.domains.voice import models
from abonent.domains.voice.tones import actions as tones
from abonent.domains.voice.tones.rules import Rule
from abonent.domains.voice.voicemail import actions as voicemail
from abonent.domains.voice.voicemail.rules import SIZE_MAX
from abonent.entrypoints.callbacks.bodies import signature
from tests.factories import cabinet, network, security, sharing, voice

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TONES, SET, COPY = "/calls/tones/", "/calls/tones/one/", "/calls/tones/copy/"
MAIL, GREETING, PIN_PAGE = "/calls/voicemail/", "/calls/voicemail/greeting/", "/calls/voicemail/pin/"
KEY = "key-of-the-gateway-in-the-tests-0123456789"
QUERIES_MAX = 14


@pytest.fixture(autouse=True)
def operator(settings: Any, tmp_path: Path) -> Iterator[dict[str, int]]:
    network.open_network(settings)
    settings.GATEWAY_KEY = KEY
    mine = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "requests", "base_url": None},
    }
    settings.STORAGES = settings.STORAGES | {"requests": mine}
    with time_machine.travel(NOW, tick=False):
        yield voice.catalogue()


def subscriber(ids: dict[str, int], *codes: str) -> tuple[Line, Client]:
    line = cabinet.line()
    for code in codes or ("tones", "machine"):
        voice.give(line, ids[code], NOW)
    return line, security.browser(line)


def rule(of: Line, **known: object) -> dict[str, object]:
    return {"line": f"{of.id}", "who": "all", "day": list("0123456"), "begin": "", "until": "", **known}


def leave(line: Line, *, key: str = "a", caller: str = "+79161234567", content: bytes = b"") -> models.VoiceMessage:
    voicemail.receive(number=line.number, caller=caller, key=key, content=content or voice.wav(5), left_at=NOW, at=NOW)
    return models.VoiceMessage.objects.get(key=key)


def send(path: str, body: dict[str, object], *, key: str = KEY) -> Any:
    text = json.dumps(body).encode()
    stamp = f"{int(NOW.timestamp())}"
    headers = {"X-Abonent-Timestamp": stamp, "X-Abonent-Signature": signature(key, stamp, path, text)}
    return Client().post(path, text, content_type="application/json", headers=headers)


def test_vas_4_is_the_owner_s_alone(operator: dict[str, int]) -> None:
    line, client = subscriber(operator)
    message = leave(line)
    pages = (
        TONES,
        f"{TONES}catalogue/",
        SET,
        f"{SET}sound",
        COPY,
        MAIL,
        GREETING,
        f"{MAIL}{message.id}/sound",
        PIN_PAGE,
    )
    for address in pages:
        assert Client().get(address)["Location"].startswith("/login/?next="), address
    assert security.browser(line, by=None, mark="b").get(PIN_PAGE)["Location"].startswith("/login/confirm/")
    shared = sharing.boris()
    sharing.shared(line, shared)
    client.post("/line/", {"line": f"{shared.id}", "next": "/home/"})
    assert {client.get(address).status_code for address in pages} == {403}
    stranger = security.browser(shared, mark="c")
    assert stranger.get(f"{MAIL}{message.id}/sound").status_code == 404
    for act in ("delete", "back"):
        assert stranger.post(f"{MAIL}{message.id}/{act}/")["Location"] == f"{MAIL}?gone"
    message.refresh_from_db()
    assert (message.heard_at, message.deleted_at) == (None, None)


def test_vas_4_a_tone_is_heard_chosen_previewed_and_removed(operator: dict[str, int]) -> None:
    line, client = subscriber(operator)
    assert "обычные гудки" in cabinet.words(client, TONES)
    assert client.get(f"{SET}sound").content == voice.wav(1)
    assert client.post(SET, rule(line))["Location"] == f"{TONES}?set"
    night = rule(line, who="one", caller="8 916 123-45-67", day=["4"], begin="22:00", until="6:00")
    assert client.post("/calls/tones/two/", night)["Location"] == f"{TONES}?set"
    said = cabinet.words(client, f"{TONES}?caller=89161234567&day=5&time=5:59")
    assert "Прозвучит: Мелодия two" in said
    assert "Прозвучит: Мелодия one" in cabinet.words(client, f"{TONES}?caller=89161234567&day=5&time=6:00")
    assert "22:00" in said
    wrong = client.get(f"{TONES}?caller=мама&day=9&time=99:99").content.decode()
    assert 'value="мама"' in wrong
    assert "aria-invalid" in wrong
    first = models.ToneRule.objects.get(tone="two")
    assert (
        client.post(f"{TONES}remove/", {"line": f"{line.id}", "rule": f"{first.pk}"})["Location"] == f"{TONES}?removed"
    )
    assert models.ToneRule.objects.get().tone_id == "one"


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({"who": "one", "caller": ""}, "id_caller"),
        ({"who": "one", "caller": "112"}, "id_caller"),
        ({"day": []}, "id_day"),
        ({"begin": "25:00"}, "id_begin"),
        ({"until": "soon"}, "id_until"),
        ({"begin": "9:00", "until": "9:00"}, "id_until"),
    ],
)
def test_vas_4_what_is_wrong_is_said_at_its_field_and_nothing_is_set(
    operator: dict[str, int], broken: dict[str, object], field: str
) -> None:
    line, client = subscriber(operator)
    response = client.post(SET, rule(line, **broken))
    page = response.content.decode()
    assert response.status_code == 422
    assert f'id="{field}_error"' in page
    assert "Ошибка: " in page
    assert not models.ToneRule.objects.exists()


def test_vas_4_says_the_way_out_when_a_service_is_missing_and_refuses_things_of_others(
    operator: dict[str, int],
) -> None:
    line, client = subscriber(operator, "machine")
    page = cabinet.words(client, TONES)
    assert "2,50 ₽ в день" in page
    assert 'href="/services/tones/"' in client.get(TONES).content.decode()
    refused = client.post(SET, rule(line))
    assert refused.status_code == 409
    assert "Сначала подключите услугу" in refused.content.decode()
    voice.give(line, operator["tones"], NOW)
    assert client.post("/calls/tones/hit/", rule(line)).status_code == 409
    stranger = sharing.boris()
    for address, sent in ((SET, rule(stranger)), (f"{TONES}remove/", {"line": f"{stranger.id}", "rule": "1"}),
                          (f"{TONES}let-copy/", {"line": "x", "may": "yes"}), (COPY, {"line": ""}),
                          (f"{TONES}remove/", {"line": f"{line.id}", "rule": "x"}), ("/calls/tones/none/", {}),
                          (f"{TONES}remove/", {"line": f"{line.id}", "rule": "9" * 30})):  # fmt: skip
        assert client.post(address, sent).status_code == 404, address
    assert not models.ToneRule.objects.exists()


def test_vas_4_a_friend_s_tone_is_found_and_set_if_the_friend_allows_it(operator: dict[str, int]) -> None:
    line, client = subscriber(operator)
    friend = voice.give(sharing.boris(), operator["tones"], NOW)
    tones.add(line=friend, rule=tones.for_everybody("two"), account_id=None, at=NOW)
    asked = {"line": f"{line.id}", "number": friend.number}
    assert client.post(COPY, asked).status_code == 422
    there = security.browser(friend, mark="f")
    assert there.post(f"{TONES}let-copy/", {"line": f"{friend.id}", "may": "yes"})["Location"] == f"{TONES}?copied"
    found = client.post(COPY, asked).content.decode()
    assert 'href="/calls/tones/two/"' in found
    for number in ("", "мама", "+79000000099", line.number):
        response = client.post(COPY, asked | {"number": number})
        assert response.status_code == 422
        assert f'value="{number}"' in response.content.decode()


def test_vas_5_a_message_is_listed_played_in_parts_deleted_and_brought_back(operator: dict[str, int]) -> None:
    line, client = subscriber(operator)
    message = leave(line)
    sound, content = f"{MAIL}{message.id}/sound", voice.wav(5)
    said = cabinet.words(client, MAIL)
    for words in ("+7 916 123-45-67", "новое", "0:05", "хранится до 22 декабря"):
        assert words in said
    head = client.head(sound)
    assert (head.status_code, head["Accept-Ranges"]) == (200, "bytes")
    assert "новое" in cabinet.words(client, MAIL), "nobody has heard it yet"
    whole = client.get(sound)
    assert whole.content == content
    assert whole["Content-Type"] == "audio/wav"
    assert whole["Cache-Control"] == "private, no-store"
    assert whole["Content-Disposition"].startswith("inline; filename=")
    assert "новое" not in cabinet.words(client, MAIL)
    end = len(content) - 1
    parts = (("0-9", 0, 9), ("100-", 100, end), ("-7", end - 6, end), ("5-999999", 5, end))
    for asked, first, last in parts:
        part = client.get(sound, headers={"Range": f"bytes={asked}"})
        assert (part.status_code, part.content) == (206, content[first : last + 1])
        assert part["Content-Range"] == f"bytes {first}-{last}/{len(content)}"
    assert client.get(sound, headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    assert client.get(sound, headers={"Range": "bytes=0-1,5-9"}).status_code == 200
    assert client.post(f"{MAIL}{message.id}/delete/")["Location"] == f"{MAIL}?deleted"
    assert "Удалённые" in cabinet.words(client, MAIL)
    assert client.post(f"{MAIL}{message.id}/back/")["Location"] == f"{MAIL}?back"
    assert client.post(f"{MAIL}{uuid4()}/delete/")["Location"] == f"{MAIL}?gone"


def test_vas_5_a_greeting_is_chosen_or_uploaded_and_a_bad_file_changes_nothing(operator: dict[str, int]) -> None:
    line, client = subscriber(operator)
    form = {"line": f"{line.id}"}
    assert client.post(GREETING, form | {"greeting": "absent"})["Location"] == f"{MAIL}?greeting"
    for bad in (b"<html>", b"", voice.wav(70), voice.wav(2)[:-9], b"\x80" * (SIZE_MAX + 1)):
        file = SimpleUploadedFile("hello.wav", bad, "audio/wav")
        response = client.post(GREETING, form | {"greeting": "upload", "file": file})
        assert response.status_code == 422
        assert 'id="id_file_error"' in response.content.decode()
    assert client.post(GREETING, form | {"greeting": "upload"}).status_code == 422
    for wrong in ({"greeting": "own"}, {"greeting": "x"}, {"greeting": "plain", "line": "1"}):
        assert client.post(GREETING, form | wrong).status_code == 404
    assert models.Mailbox.objects.get().greeting == "absent"
    file = SimpleUploadedFile("../../x.html", voice.wav(3), "text/html")
    assert client.post(GREETING, form | {"greeting": "upload", "file": file})["Location"] == f"{MAIL}?greeting"
    sound = client.get(f"{GREETING}sound")
    assert (sound["Content-Type"], sound.content) == ("audio/wav", voice.wav(3))
    answer = send("/callbacks/voicemail/greeting", {"number": line.number}).json()
    assert (answer["greeting"], base64.b64decode(answer["sound"])) == ("own", voice.wav(3))


def test_vas_5_the_platform_brings_messages_signed_and_once(operator: dict[str, int]) -> None:
    line, client = subscriber(operator)
    path, number = "/callbacks/voicemail/message", line.number
    body = {"key": "vm-1", "number": number, "caller": "79161234567", "at": NOW.isoformat(),
            "sound": base64.b64encode(voice.amr(200)).decode()}  # fmt: skip
    assert send(path, body, key="another key of forty characters, at least").status_code == 404
    assert Client().post(path, json.dumps(body), content_type="application/json").status_code == 404
    assert Client().get(path).status_code == 404
    for wrong in ({"sound": "!"}, {"sound": ""}, {"sound": base64.b64encode(b"<html>").decode()}, {"number": "x"},
                  {"caller": "bank"}, {"key": ""}, {"at": "yesterday"}, {"sound": 5}):  # fmt: skip
        assert send(path, body | wrong).status_code == 400, wrong
    assert not models.VoiceMessage.objects.exists()
    assert [send(path, body).json() for _ in range(2)] == [{"new": True}, {"new": False}]
    assert send(path, body | {"key": "vm-2", "number": "+79000000099"}).json() == {"new": False}
    page = client.get(MAIL).content.decode()
    assert "Скачать и послушать" in page, "browsers play no AMR"
    assert client.get(re.search(r'href="(/calls/voicemail/[^"]+/sound)"', page)[1])["Content-Disposition"].startswith(
        "attachment"
    )


def test_vas_5_the_platform_asks_for_the_pin_and_three_wrong_ones_lock_it(operator: dict[str, int]) -> None:
    line, client = subscriber(operator)
    path = "/callbacks/voicemail/pin"
    assert client.post(PIN_PAGE, {"line": f"{line.id}", "pin": "4071"})["Location"] == f"{MAIL}?pin"
    asked = {"number": line.number, "pin": "4071"}
    assert send(path, asked).json() == {"right": True, "locked": False}
    answers = [send(path, asked | {"pin": "0000"}).json()["locked"] for _ in range(3)]
    assert answers == [False, False, True]
    assert send(path, asked).json() == {"right": False, "locked": True}
    assert send(path, asked | {"number": "+79000000099"}).json() == {"right": False, "locked": True}
    assert "Заблокирован" in cabinet.words(client, MAIL)
    assert pins.of_line(line.id, Guards.BARRING) is None


def test_vas_4_vas_5_ask_for_few_queries_and_a_home_line_has_none_of_it(operator: dict[str, int]) -> None:
    line, client = subscriber(operator)
    for number in range(6):
        leave(line, key=f"{number}")
        tones.add(line=line, rule=tones_rule(number), account_id=None, at=NOW)
    assert (
        max(cabinet.queries_of(client, address) for address in (TONES, f"{TONES}catalogue/", SET, MAIL, GREETING))
        <= QUERIES_MAX
    )
    home = cabinet.another(line, "home-77", "dom-100", "internet")
    client.post("/line/", {"line": f"{home.id}", "next": "/home/"})
    for address in (TONES, MAIL):
        assert "только у мобильных" in cabinet.words(client, address)
    assert client.get(GREETING)["Location"] == MAIL
    assert client.post(SET, rule(home)).status_code == 404


def tones_rule(number: int) -> Rule:
    return Rule(0, ("one", "two")[number % 2], from_min=number + 1, until_min=number + 2)
