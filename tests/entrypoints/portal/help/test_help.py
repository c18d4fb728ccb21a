"""Help on its pages (CAB-18): open to everybody, found by words, judged once, shops on a map; cheap."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.test import Client

from abonent.demo import helping
from abonent.domains.help import queries
from tests.factories import cabinet, identity
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _texts() -> None:
    helping.publish()


def test_cab_18_a_question_is_found_read_and_judged_once() -> None:
    client = Client()
    page = client.get("/help/?q=забыл пароль").content.decode()
    assert "<mark>" in page
    assert page.index("/help/q/forgot-password/") < page.index("/help/q/password-locked/")
    text = words(client, "/help/q/forgot-password/")
    assert "Задайте новый" in text
    assert "Ответ помог?" in text
    address = "/help/q/forgot-password/helped/"
    assert client.post(address, {"helped": "x"})["Location"] == "/help/q/forgot-password/"
    assert client.post(address, {"helped": "no"})["Location"].endswith("?thanks=no")
    client.post(address, {"helped": "yes"})
    assert queries.judged() == [("forgot-password", 0, 1)]
    assert "Написать нам" in words(client, "/help/q/forgot-password/?thanks=no")
    assert "Вы уже оценили" in words(client, "/help/q/forgot-password/")
    assert Client().post("/help/q/no-such/helped/", {"helped": "yes"}).status_code == 404
    assert Client().get("/help/q/no-such/").status_code == 404


def test_cab_18_what_is_not_found_leads_on_and_what_is_typed_is_only_words() -> None:
    client = Client()
    assert "Ничего не нашлось" in words(client, "/help/?q=щщщщщ")
    assert "О «детализацыя» ничего нет" in words(client, "/help/?q=детализацыя")
    page = client.get("/help/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
    assert client.get("/help/", {"q": "а" * 5000}).status_code == 200
    assert client.get("/help/", {"q": "\0'); drop table x; --"}).status_code == 200


def test_cab_18_every_answer_leads_to_a_page_that_is_there_in_both_languages() -> None:
    client, signed_in = Client(), identity.browser(cabinet.line())
    links: set[str] = set()
    for language in ("ru", "en"):
        client.cookies["language"] = language
        overview = client.get("/help/").content.decode()
        codes = set(re.findall(r"/help/q/([a-z0-9-]+)/", overview))
        assert len(codes) >= 40
        for code in codes:
            page = client.get(f"/help/q/{code}/")
            assert page.status_code == 200
            article = page.content.decode().partition("answer-text")[2].partition("</article>")[0]
            found = re.findall(r'href="([^"]+)"', article)
            assert found, code
            links |= {link for link in found if link.startswith("/")}
    # What asks to prove who one is leads there first.
    broken = [link for link in sorted(links) if signed_in.get(link).status_code not in (200, 302)]
    assert not broken


@pytest.mark.parametrize(
    ("moment", "said"),
    [("2026-11-30 07:00Z", "Открыт до 21:00"), ("2026-11-30 19:30Z", "Закрыт, откроется завтра в 09:00"),
     ("2026-11-30 03:00Z", "Закрыт, откроется в 09:00")],
)  # fmt: skip
def test_cab_18_shops_are_open_by_the_clock_of_their_city(moment: str, said: str) -> None:
    client = Client()
    with time_machine.travel(moment, tick=False):
        assert "Вход с площади" not in words(client, "/help/shops/")
        text = words(client, "/help/shops/?city=lunensk")
        assert said in text
        assert "Открыт круглосуточно" in text
        page = client.get("/help/shops/?city=lunensk").content.decode()
        opened = words(client, "/help/shops/?city=lunensk&open=1")
    assert page.count('<circle class="map-shop') == 5
    assert "река Луна" in page
    assert ("улица Ленина, 12" in opened) == said.startswith("Открыт")
    assert "Новый Приморск" in words(client, "/help/shops/")
    assert client.get("/help/shops/?city=%00&open=x").status_code == 200


def test_cab_18_help_costs_few_queries_and_needs_nobody_signed_in() -> None:
    client = Client()
    most_of = {"/help/": 1, "/help/?q=пароль": 1, "/help/q/top-up/": 1, "/help/contacts/": 1, "/help/shops/": 2}
    for address, most in most_of.items():
        assert cabinet.queries_of(client, address) <= most, address
    assert 'href="/help/"' in client.get("/login/").content.decode()
    contacts = client.get("/help/contacts/").content.decode()
    assert 'href="tel:88002500890"' in contacts
    assert "mailto:help@orbita.example" in contacts
