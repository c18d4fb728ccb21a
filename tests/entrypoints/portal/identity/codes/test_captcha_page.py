"""A question for people on the pages: asked by risk, answered once, never in the way of what was typed."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.core import signing
from django.test import Client
from num2words import num2words

from abonent.domains.identity import captcha, models
from abonent.domains.identity.rules_risk import CaptchaKind
from abonent.domains.messaging.models import Message
from abonent.entrypoints.portal.identity.captcha.gate import COOKIE
from tests.entrypoints.portal.identity.codes.typing import flood, lift_sends, page, words
from tests.factories import lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
TYPED = {"number": "8 900 000-00-01", "remember": "on", "next": "/expenses/"}


@pytest.fixture
def client() -> Client:
    """Return a browser that saw the form, in the middle of a flood from its address."""
    lines.line(number=NUMBER)
    client = Client()
    client.get("/login/")
    Client().post("/login/", {"number": "+79000000009"})
    flood()
    return client


def held(client: Client) -> UUID:
    return UUID(signing.loads(client.cookies[COOKIE].value, salt=COOKIE)[0])


def right(client: Client, kind: CaptchaKind = CaptchaKind.PICTURE) -> str:
    return captcha.answer(held(client), kind)


def sent() -> int:
    return Message.objects.filter(recipient=NUMBER).count()


def test_id_1_a_calm_day_asks_nothing() -> None:
    client = Client()
    assert client.post("/login/", TYPED)["Location"] == "/login/code/"
    assert COOKIE not in client.cookies


def test_id_1_the_question_comes_in_a_flood_keeps_what_was_typed_and_lets_one_code_through(client: Client) -> None:
    assert client.post("/login/", TYPED)["Location"] == "/login/"
    body = client.get("/login/").content.decode()
    assert 'value="8 900 000-00-01"' in body
    assert 'value="/expenses/"' in body
    assert "checked" in body
    assert "Цифры с картинки" in body
    assert sent() == 0
    done = client.post("/login/", TYPED | {"captcha": right(client)})
    assert done["Location"] == "/login/code/"
    assert client.cookies[COOKIE].value == ""
    assert sent() == 1
    other = TYPED | {"number": "+79000000002"}
    assert client.post("/login/", other)["Location"] == "/login/", "the next sending asks anew"
    assert sent() == 1


def test_a_wrong_answer_puts_another_question_and_says_so(client: Client) -> None:
    client.post("/login/", TYPED)
    first = held(client)
    client.post("/login/", TYPED | {"captcha": "11111"})
    assert held(client) != first
    body = client.get("/login/").content.decode()
    assert body.count("Цифры другие. Ответьте на новый вопрос") == 2
    assert "<title>Ошибка: " in body
    assert sent() == 0


def test_an_answer_is_good_for_one_sending(client: Client) -> None:
    client.post("/login/", TYPED)
    answer, cookie = right(client), client.cookies[COOKIE].value
    client.post("/login/", TYPED | {"captcha": answer})
    client.cookies[COOKIE] = cookie
    other = TYPED | {"number": "+79000000002", "captcha": answer}
    assert client.post("/login/", other)["Location"] == "/login/"
    assert not Message.objects.filter(recipient="+79000000002").exists()


def test_the_picture_is_of_this_browser_only_and_stays_in_no_cache(client: Client) -> None:
    client.post("/login/", TYPED)
    address = re.search(r'src="(/login/captcha/picture/[^"]+)"', client.get("/login/").content.decode())
    assert address
    picture = client.get(address[1])
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    assert "no-store" in picture["Cache-Control"]
    assert picture.content.startswith(b"\x89PNG")
    assert Client().get(address[1]).status_code == 404
    stolen = Client()
    stolen.get("/login/")
    stolen.cookies[COOKIE] = client.cookies[COOKIE].value
    assert stolen.get(address[1]).status_code == 404
    assert stolen.post("/login/", TYPED | {"captcha": right(client)})["Location"] == "/login/"
    assert sent() == 0


def test_another_picture_works_without_scripts_and_keeps_what_is_in_the_fields(client: Client) -> None:
    client.post("/login/", TYPED)
    first = held(client)
    answer = client.post("/login/captcha/another/", {"number": "9000000002", "next": "/expenses/", "kind": "picture"})
    assert answer["Location"] == "/login/"
    assert held(client) != first
    body = client.get("/login/").content.decode()
    assert 'value="9000000002"' in body
    assert "checked" not in body
    assert models.Captcha.objects.count() == 1


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_question_in_words_is_for_who_cannot_see(client: Client, language: str) -> None:
    client.post("/login/", TYPED)
    client.cookies["language"] = language
    client.post("/login/captcha/another/", TYPED | {"kind": "words"})
    answer = right(client, CaptchaKind.WORDS)
    said = page(client, "/login/")
    assert num2words(int(answer), lang=language) in said
    assert client.post("/login/", TYPED | {"captcha": answer})["Location"] == "/login/code/"


def test_the_question_stands_on_every_form_that_sends(client: Client) -> None:
    client.post("/login/email/", {"email": "anna@example.org", "next": "/expenses/"})
    body = client.get("/login/email/").content.decode()
    assert 'value="anna@example.org"' in body
    assert 'id="id_captcha"' in body
    assert 'id="id_captcha"' not in client.get("/login/").content.decode(), "each form has its own"
    done = client.post("/login/email/", {"email": "anna@example.org", "captcha": right(client)})
    assert done["Location"] == "/login/email/code/"


def test_sending_again_asks_it_too_and_a_call_as_well(client: Client) -> None:
    client.post("/login/", TYPED)
    client.post("/login/", TYPED | {"captcha": right(client)})
    lift_sends()
    assert client.post("/login/code/again/", {"channel": "voice"})["Location"] == "/login/code/"
    assert 'id="id_captcha"' in client.get("/login/code/").content.decode()
    called = client.post("/login/code/again/", {"channel": "voice", "captcha": right(client)})
    assert called["Location"] == "/login/code/?called"
    assert sent() == 2


def test_it_never_tells_whether_a_number_is_a_customers(client: Client) -> None:
    other = Client()
    other.get("/login/")
    seen = []
    for browser, number in ((client, NUMBER), (other, "+79000000777")):
        asked = browser.post("/login/", {"number": number})
        body = words(browser.get("/login/")).replace(number, "…")
        done = browser.post("/login/", {"number": number, "captcha": right(browser)})
        seen.append((asked.status_code, asked["Location"], body, done.status_code, done["Location"]))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "[]:x:y"])
def test_any_cookie_is_no_question(value: str) -> None:
    client = Client()
    client.get("/login/")
    client.cookies[COOKIE] = value
    assert client.get("/login/").status_code == 200
    assert client.get("/login/captcha/picture/").status_code == 404
    assert client.post("/login/captcha/another/", {"kind": "words"})["Location"] == "/login/"


@pytest.mark.parametrize("content", [None, [], {}, [1, 2, 3, 4, 5], ["x", "picture", "/", False, {}]])
def test_a_signed_cookie_of_a_strange_shape_is_no_question(content: object) -> None:
    client = Client()
    client.get("/login/")
    client.cookies[COOKIE] = signing.dumps(content, salt=COOKIE)
    assert client.get("/login/").status_code == 200
    assert client.post("/login/", {"number": NUMBER, "captcha": "12345"}).status_code == 302
