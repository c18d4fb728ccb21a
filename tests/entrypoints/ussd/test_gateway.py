"""The USSD gateway's way in: who signed is answered, for anybody else nothing is there (CH-2)."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from django.http import HttpResponse
from django.test import Client

from abonent.domains.identity.actions import note_language, open_account
from abonent.domains.lines import actions as lines_actions
from abonent.domains.messaging.models import UssdSession
from abonent.domains.orders import models
from abonent.entrypoints.ussd.pages import fits
from abonent.foundation.clock import now
from abonent.web.signatures import signature
from tests.factories import lines, promised

pytestmark = pytest.mark.django_db
KEY, ADDRESS = "k" * 32, "/ussd/press"


@pytest.fixture(autouse=True)
def key(settings) -> None:  # type: ignore[no-untyped-def]
    settings.GATEWAY_KEY = KEY


def post(document: object, *, key: str = KEY, age_s: float = 0, signed_for: str = ADDRESS) -> HttpResponse:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    timestamp = str(int(now().timestamp() - age_s))
    said = {"X-Abonent-Timestamp": timestamp, "X-Abonent-Signature": signature(key, timestamp, signed_for, body)}
    return Client(enforce_csrf_checks=True).post(ADDRESS, body, content_type="application/json", headers=said)


def press(**more: object) -> dict[str, object]:
    return {"session": "a-1", "step": 0, "number": lines.line().number, "text": "*111#", **more}


def test_ch_2_a_signed_press_is_answered_and_the_same_again_alike() -> None:
    sent = press()
    first = post(sent)
    assert first.json()["type"] == "CON"
    assert post(sent).json() == first.json()
    assert UssdSession.objects.get().step == 1
    end = post(press(number=sent["number"], session="a-2", text="*100#")).json()
    assert (end["type"], "₽" in end["text"]) == ("END", True)


@pytest.mark.parametrize(
    ("code", "russian", "english"),
    [
        ("*100#", "Баланс", "Balance"), ("*111#", "Меню", "Menu"), ("*111*2#", "Звонки", "Calls"),
        ("*111*6#", "Обещанн", "romised"), ("*111*828*1#", "номер", "number"), ("*111*9#", "Подпис", "subscription"),
    ],
)  # fmt: skip
def test_ch_2_cab_15_every_code_is_answered_at_the_gateway_in_the_subscribers_language(
    code: str, russian: str, english: str
) -> None:
    line = promised.regular(at=now())
    promised.rules()
    account_id = open_account(language="ru")
    lines_actions.give_access(line_id=line.id, account_id=account_id, at=now())
    for language, word in (("ru", russian), ("en", english)):
        note_language(account_id=account_id, language=language)
        answer = post(press(session=f"c-{language}", number=line.number, text=code))
        assert answer.status_code == HTTPStatus.OK
        assert word in answer.json()["text"]
        assert fits(answer.json()["text"])


@pytest.mark.parametrize(
    "forged", [{"key": "x" * 32}, {"age_s": 600}, {"age_s": -600}, {"signed_for": "/callbacks/sms/inbound"}]
)
def test_ch_2_a_forged_signature_a_replay_and_another_address_find_nothing(forged: dict[str, object]) -> None:
    assert post(press(), **forged).status_code == HTTPStatus.NOT_FOUND  # type: ignore[arg-type] # as given
    assert not UssdSession.objects.exists()


def test_ch_2_without_a_key_the_address_is_not_there(settings) -> None:  # type: ignore[no-untyped-def]
    settings.GATEWAY_KEY = ""
    assert post(press(), key="").status_code == HTTPStatus.NOT_FOUND
    assert Client().get(ADDRESS).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"[]", b"no json", b"{" * 5000, {"session": ""}, {"session": "a b"}, {"session": 5}, {"step": -1},
        {"step": True}, {"step": "0"}, {"step": 10**9}, {"number": "123"}, {"number": None}, {"imsi": "abc"},
        {"text": None}, {"text": 100}, {"session": "x" * 200},
    ],
)  # fmt: skip
def test_ch_2_garbage_is_refused_with_a_reason_and_changes_nothing(wrong: object) -> None:
    answer = post({**press(), **wrong} if isinstance(wrong, dict) else wrong)
    assert (answer.status_code, bool(answer.json()["error"])) == (HTTPStatus.BAD_REQUEST, True)
    assert not UssdSession.objects.exists()
    assert not models.HandsetWish.objects.exists()


def test_ch_2_a_megabyte_breaks_nothing() -> None:
    answer = post(press(text="*" * 1_000_000))
    assert answer.status_code in (HTTPStatus.OK, HTTPStatus.NOT_FOUND)
    if answer.status_code == HTTPStatus.OK:
        assert answer.json()["type"] == "END"
    huge = post(b"x" * 30_000_000)
    assert huge.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_ch_2_an_old_press_and_one_out_of_turn_end_in_words() -> None:
    sent = press()
    post(sent)
    number = sent["number"]
    for step, text in ((0, "*100#"), (5, "1"), (2, "1")):
        answer = post(press(number=number, step=step, text=text)).json()
        assert answer["type"] == "END", step
    assert "₽" in post(press(number=number, step=1, text="1")).json()["text"], "the balance"
