"""Hostile hands: whatever is sent, a page with clear words comes back, and nothing is lost or broken."""

from __future__ import annotations

import re

import pytest
from django.core import signing
from django.test import Client

from abonent.domains.identity.models import Challenge
from abonent.domains.messaging.models import Message
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db

NAUGHTY = [
    "", " ", "\t\n\r", "\x00", "123\x00456", "\x1b[31m", "\ufeff", "\u202e", "\u200b", "undefined",
    "null", "None", "NaN", "-1", "1e309", "0x10", "1/0", "¹²³", "１２３４５６", "٣٤٥٦٧٨", "½⅓¼⅛⅜⅝",
    "Ω≈ç√∫˜µ≤≥÷", "田中さんにあげて下さい", "👾🙇💁🙅🙆", "🇷🇺🇸🇪", "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤", "ＱＵＩＣＫ",
    "\ud7ff", "\U0010ffff", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
    "{{ 7*7 }}", "{% debug %}", "%(number)s", "%s%n", "{0.__class__}", "' or 1=1 --",
    "1; drop table users", "../../../etc/passwd", "$(touch /tmp/x)", "`id`", "${jndi:ldap://x}",
    "file:///etc/passwd", "() { 0; }; touch /tmp/x", "COM1", "a" * 10_000, "9" * 10_000, "+" * 1000,
    "((((((((((", "tel:", "tel:+79000000001;ext=1", "+79000000001\r\nX-Evil: 1",
]  # fmt: skip
ids = [ascii(text)[:24] for text in NAUGHTY]


def sane(response) -> None:  # type: ignore[no-untyped-def]
    assert response.status_code in (200, 302, 400, 404, 429), response.status_code
    assert "<script>alert" not in response.content.decode()
    assert "<img src=x" not in response.content.decode()
    assert "X-Evil" not in response.headers


@pytest.mark.parametrize("text", NAUGHTY, ids=ids)
def test_any_text_in_any_field_gets_a_sane_page(text: str) -> None:
    client = Client()
    for number in (text, "+79000000001"):
        sane(client.post("/login/", {"number": number, "next": text, "remember": text}))
    sane(client.get("/login/", {"next": text}))
    sane(client.get("/login/code/", {"sent": text}))
    sane(client.post("/login/code/", {"code": text, "next": text}))
    sane(client.post("/login/code/again/", {"code": text}))
    sane(client.post("/logout/", {"x": text}))
    sane(client.post("/line/", {"line": text, "next": text}))
    assert Challenge.objects.count() <= 1
    assert set(Message.objects.values_list("recipient", flat=True)) == {"+79000000001"}


@pytest.mark.parametrize("text", NAUGHTY, ids=ids)
def test_any_text_after_signing_in_gets_a_sane_page(text: str, one_browser: Client) -> None:
    sane(one_browser.get("/login/confirm/", {"next": text}))
    sane(one_browser.post("/login/confirm/", {"next": text}))
    sane(one_browser.post("/login/confirm/code/", {"code": text}))
    sane(one_browser.post("/login/confirm/code/again/"))
    sane(one_browser.post("/line/", {"line": text, "next": text}))


@pytest.fixture
def one_browser() -> Client:
    return identity.browser(lines.line(number="+79000000001"))


COOKIES = ["session", "csrf", "language", "number", "device", "code-entry", "code-confirm"]


@pytest.mark.parametrize("name", COOKIES)
@pytest.mark.parametrize(
    "value", ["", "x", "a:b:c", "a" * 4000, r'"\000\000\000\000\000\000\000\000\000"', "é", "null", "[1]:x:y"]
)
def test_any_cookie_is_a_stranger(name: str, value: str) -> None:
    client = Client()
    for address in ("/login/", "/login/code/", "/login/confirm/", "/login/confirm/code/"):
        sane(client.get(address, HTTP_COOKIE=f"{name}={value}"))
        sane(client.post(address, {"number": "1", "code": "123456"}, HTTP_COOKIE=f"{name}={value}"))
    assert Challenge.objects.count() == 0


@pytest.mark.parametrize(
    "content", [None, [], {}, "x", [1, 2], ["x", "/"], [None, None], ["00000000-0000-0000-0000-000000000000", 5]]
)
def test_a_signed_cookie_of_a_strange_shape_is_no_challenge(content: object) -> None:
    client = Client()
    client.cookies["code-entry"] = signing.dumps(content, salt="code-entry")
    assert client.get("/login/code/")["Location"] == "/login/"


def test_a_challenge_that_is_forgotten_leads_to_the_start() -> None:
    client = Client()
    client.post("/login/", {"number": "+79000000001"})
    Challenge.objects.all().delete()
    for answer in (
        client.get("/login/code/"),
        client.post("/login/code/", {"code": "123456"}),
        client.post("/login/code/again/"),
    ):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/")
    assert client.get("/login/code/", follow=True).status_code == 200


def test_a_megabyte_is_refused_with_a_page() -> None:
    client = Client()
    answer = client.post("/login/", {"number": "9" * 1_000_000})
    assert answer.status_code == 400
    assert re.search("[а-я]", answer.content.decode())
    sane(client.post("/login/", b"number=" + b"9" * 1_000_000, content_type="application/x-www-form-urlencoded"))
    sane(client.post("/login/", b"number=" + b"\xff\xfe%ff%00" * 100, content_type="application/x-www-form-urlencoded"))
    sane(client.post("/login/", b"number=1", content_type="application/x-www-form-urlencoded; charset=utf-7"))
    sane(client.post("/login/", b"{", content_type="application/json"))
    sane(client.post("/login/", b"--x\r\nbroken", content_type="multipart/form-data; boundary=x"))
    sane(client.post("/login/", {f"field{n}": "x" for n in range(200)}))


def test_a_field_sent_twice_or_not_at_all_is_a_form_to_fill_in() -> None:
    client = Client()
    assert "Введите номер телефона" in client.post("/login/").content.decode()
    sane(client.post("/login/", {"number": ["+79000000001", "x"], "next": ["/a/", "/b/"]}))
    assert Message.objects.count() == 0
    client.post("/login/", {"number": "+79000000001"})
    assert "Введите 6 цифр" in client.post("/login/code/").content.decode()


@pytest.mark.parametrize(
    "address", ["/login/", "/login/code/", "/logout/", "/line/", "/login/confirm/", "/login/code/again/"]
)
@pytest.mark.parametrize("method", ["put", "delete", "patch", "options", "trace"])
def test_a_strange_method_is_refused(address: str, method: str) -> None:
    assert getattr(Client(), method)(address).status_code == 405


@pytest.mark.parametrize(
    "address", ["/login/code/again/", "/login/confirm/code/again/", "/login/confirm/code/", "/logout/", "/line/"]
)
def test_an_address_of_a_form_opened_by_hand_leads_somewhere_sane(address: str) -> None:
    assert Client().get(address, follow=True).status_code == 200


def test_the_form_of_the_number_sent_twice_leads_to_the_one_code_that_went_out() -> None:
    lines.line(number="+79000000001")
    client = Client()
    client.get("/login/")
    mark = client.cookies["device"].value
    first, second = Client(), Client()
    for browser in (first, second):
        browser.cookies["device"] = mark
    # The browser gave up waiting for the first answer, so it knows nothing of the code that the first form asked for.
    answers = [browser.post("/login/", {"number": "+79000000001"}) for browser in (first, second)]
    assert [answer["Location"] for answer in answers] == ["/login/code/"] * 2
    assert Message.objects.count() == Challenge.objects.count() == 1
    assert second.post("/login/code/", {"code": identity.last_code("+79000000001")})["Location"] == identity.OFFER


def test_another_browser_gets_nothing_of_a_code_that_is_on_its_way() -> None:
    lines.line(number="+79000000001")
    for marked in (True, False):
        client = Client()
        if marked:
            client.get("/login/")
        client.post("/login/", {"number": "+79000000001"})
    assert client.post("/login/", {"number": "+79000000001"}).status_code == 429
    assert "code-entry" not in client.cookies


def test_the_code_of_another_tab_uses_up_no_try() -> None:
    for number in ("+79000000001", "+79000000002"):
        lines.line(number=number)
    client = Client()
    client.post("/login/", {"number": "+79000000001"})
    earlier = re.search(r'name="request" value="(\d+)"', client.get("/login/code/").content.decode())
    assert earlier
    code = identity.last_code("+79000000001")
    client.post("/login/", {"number": "+79000000002"})
    page = client.post("/login/code/", {"code": code, "request": earlier[1]}).content.decode()
    assert "в другой вкладке" in page
    assert "000-00-02" in page
    assert set(Challenge.objects.values_list("tries_left", flat=True)) == {3}
    assert client.post("/login/code/", {"code": identity.last_code("+79000000002")})["Location"] == identity.OFFER


@pytest.mark.parametrize("referer", ["http://[", "http://[::1", "//", "\xff", "https://evil.test/login/"])
def test_where_a_form_came_from_may_be_nonsense(referer: str) -> None:
    answer = Client().post("/line/", {"line": "1"}, headers={"referer": referer})
    assert answer["Location"] == "/login/?next=%2Fhome%2F"


@pytest.mark.parametrize("address", ["/я" * 200, "/👾" * 200, "/" + "%" * 499])
def test_where_to_go_afterwards_always_fits_into_a_cookie(address: str) -> None:
    lines.line(number="+79000000001")
    client = Client()
    client.post("/login/", {"number": "+79000000001", "next": address})
    assert len(client.cookies["code-entry"].OutputString()) < 4000
