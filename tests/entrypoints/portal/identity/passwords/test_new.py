"""A new password: offered after the first entry, changed in the cabinet."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from abonent.domains.identity import models
from abonent.domains.identity.policy import CLASSIC
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.test_hostile import NAUGHTY, ids, sane
from tests.factories import identity, lines
from tests.factories import passwords as factory
from tests.factories.passwords import PASSWORD

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
NEW = "brittle kettle 7"
OFFER, CHANGE = "/login/offer/", "/security/password/"


def first_entry(client: Client, **cookies: str) -> Any:
    lines.line(number=NUMBER)
    for name, value in cookies.items():
        client.cookies[name] = value
    client.post("/login/", {"number": NUMBER})
    return client.post("/login/code/", {"code": identity.last_code(NUMBER)})


def text(response: Any) -> str:
    return response.content.decode().replace("\xa0", " ").replace("&nbsp;", " ")


def entered_by_password(password: str = PASSWORD) -> Client:
    client = Client()
    assert client.post("/login/password/", {"login": NUMBER, "password": password}).status_code == 302
    return client


def own_browser() -> Client:
    factory.account(lines.line(number=NUMBER))
    return entered_by_password()


def test_id_2_the_first_entry_offers_a_password_and_it_opens_the_next_time(client: Client) -> None:
    assert first_entry(client)["Location"] == identity.OFFER
    page = text(client.get(identity.OFFER))
    assert "Больше не предлагать" in page
    assert 'autocomplete="new-password"' in page
    assert client.post(identity.OFFER, {"password": NEW})["Location"] == "/home/"
    entered_by_password(NEW)
    assert client.get(OFFER)["Location"] == "/home/"


def test_id_2_not_now_asks_again_in_a_month_and_never_never(client: Client) -> None:
    assert client.post(first_entry(client)["Location"], {"choice": "later"})["Location"] == "/home/"
    for days, choice, leads_to in ((1, "", "/home/"), (31, "never", identity.OFFER), (400, "", "/home/")):
        with time_machine.travel(now() + timedelta(days=days)):
            later = Client()
            later.post("/login/", {"number": NUMBER})
            entered = later.post("/login/code/", {"code": identity.last_code(NUMBER)})
            assert entered["Location"] == leads_to, days
            if choice:
                later.post(entered["Location"], {"choice": choice})


def test_id_2_in_the_app_there_is_no_way_around(client: Client) -> None:
    entered = first_entry(client, app="1")
    assert entered["Location"] == identity.OFFER
    assert "Больше не предлагать" not in text(client.get(identity.OFFER))
    for choice in ("later", "never"):
        assert client.post(identity.OFFER, {"choice": choice}).status_code == 200
    assert client.get("/home/")["Location"].startswith(OFFER)
    assert client.post(identity.OFFER, {"password": NEW})["Location"].startswith("/app/pin/new/")


def test_id_2_a_password_is_set_only_after_a_fresh_proof(client: Client) -> None:
    first_entry(client)
    with time_machine.travel(now() + timedelta(minutes=6)):
        page = text(client.get(OFFER))
        assert 'name="password"' not in page
        assert 'href="/security/password/"' in page
        assert client.post(OFFER, {"password": NEW}).status_code == 200
        assert client.get(CHANGE)["Location"].startswith("/login/confirm/")
    assert not models.Account.objects.exclude(password_set_at=None)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Введите новый пароль"),
        ("short", "не меньше 8"),
        ("x" * 129, "не больше 128"),
        ("x" * 5000, "не больше 128"),
        ("password1", "в списках"),
        ("abcdefgh4321zzzz", "Клавиши подряд"),
        ("мой 9000000001 пароль", "Уберите свой номер"),
        ("Орлова навсегда", "Уберите свой номер"),
        ("orbita forever", "Уберите свой номер"),
    ],
)
def test_id_16_says_what_is_missing_and_never_writes_it_back(client: Client, typed: str, words: str) -> None:
    page = text(client.post(first_entry(client)["Location"], {"password": typed}))
    assert page.count(words) == 2, "at the field and in the summary"
    assert "<title>Ошибка: " in page
    assert not typed or f'value="{typed}' not in page
    assert not models.Account.objects.exclude(password_set_at=None)


def test_id_16_the_classic_profile_wants_digits_both_cases_and_the_same_twice(client: Client, settings: Any) -> None:
    settings.POLICY = CLASSIC
    lines.line(number=NUMBER)
    client.post("/login/", {"number": NUMBER})
    code = identity.last_text(NUMBER)[:4]
    offered = client.post("/login/code/", {"code": code})["Location"]
    page = text(client.post(offered, {"password": "verbose otter", "repeated": "verbose otter"}))
    assert "Добавьте цифру" in page
    assert "Добавьте заглавную букву" in page
    page = text(client.post(offered, {"password": "Verbose otter 9", "repeated": "Verbose otter 8"}))
    assert "не совпали" in page
    assert client.post(offered, {"password": "Verbose otter 9", "repeated": "Verbose otter 9"})["Location"] == "/home/"


@pytest.mark.parametrize("policy", ["modern", "classic"])
def test_id_15_a_password_is_made_up_by_us_without_scripts(client: Client, settings: Any, policy: str) -> None:
    offered = first_entry(client)["Location"]
    if policy == "classic":
        settings.POLICY = CLASSIC
    page = text(client.post(offered, {"generate": "1", "password": "typed before"}))
    made = re.search(r'name="password" value="([^"]+)"', page)
    assert made
    assert "Пароль: надёжный" in page or "Пароль: хороший" in page
    assert "typed before" not in page
    assert client.post(offered, {"password": made[1], "repeated": made[1]})["Location"] == "/home/"


def test_id_15_changing_it_asks_for_the_old_one_and_ends_other_sessions() -> None:
    factory.account(lines.line(number=NUMBER))
    client, elsewhere = entered_by_password(), entered_by_password()
    before = client.session.session_key
    assert "сегодня" in text(client.get(CHANGE)) or "назад" in text(client.get(CHANGE))
    assert "не текущий" in text(client.post(CHANGE, {"old": "wrong horse", "password": NEW}))
    assert client.post(CHANGE, {"old": PASSWORD, "password": NEW})["Location"] == f"{CHANGE}?set"
    assert "Пароль сохранён" in text(client.get(f"{CHANGE}?set"))
    assert client.session.session_key != before
    assert elsewhere.get("/home/")["Location"].startswith("/login/")
    entered_by_password(NEW)


def test_id_15_a_bad_new_one_uses_up_no_try_of_the_old_one() -> None:
    factory.account(lines.line(number=NUMBER))
    client = entered_by_password()
    for _ in range(5):
        assert "не меньше 8" in text(client.post(CHANGE, {"old": "wrong horse", "password": "short"}))
    assert models.PasswordGuard.objects.count() == 0


def test_id_4_the_old_one_is_guessed_three_times_in_a_session_and_no_more() -> None:
    factory.account(lines.line(number=NUMBER))
    client = entered_by_password()
    for _ in range(3):
        client.post(CHANGE, {"old": "wrong horse", "password": NEW})
    page = text(client.post(CHANGE, {"old": PASSWORD, "password": NEW}))
    assert "больше мы его не проверяем" in page
    assert 'href="/login/forgot/' in page


def test_id_15_the_classic_profile_reminds_of_an_old_password(settings: Any) -> None:
    line = factory.account(lines.line(number=NUMBER))
    models.Account.objects.filter(id=factory.account_of(line)).update(password_set_at=now() - timedelta(days=200))
    client = entered_by_password()
    assert "давно не менялся" not in text(client.get(CHANGE)), "the modern profile forces nothing"
    settings.POLICY = CLASSIC
    assert "давно не менялся" in text(client.get(CHANGE))
    assert "200 дней назад" in text(client.get(CHANGE))


@pytest.mark.parametrize("naughty", NAUGHTY, ids=ids)
def test_any_text_in_any_field_gets_a_sane_page(naughty: str) -> None:
    client = identity.browser(lines.line(number=NUMBER))
    for address in (CHANGE, OFFER, "/login/new-password/"):
        fields = {"old": naughty, "repeated": naughty, "choice": naughty, "next": naughty}
        sane(client.post(address, fields | {"password": naughty[:6]}))
        sane(client.get(address, {"next": naughty, "set": naughty}))


def test_id_7_a_temporary_password_never_becomes_the_persons_own(client: Client) -> None:
    line = factory.account(lines.line(number=NUMBER), password="")
    typed = factory.temporary_password(line)
    client.post("/login/password/", {"login": NUMBER, "password": typed})
    for again in (typed, f" {typed[:5].upper()}-{typed[5:]}"):
        refused = client.post("/login/new-password/", {"password": again})
        assert "Придумайте свой" in text(refused)
    assert not models.Account.objects.get().has_usable_password()
    assert client.post("/login/new-password/?next=/home/", {"password": NEW})["Location"] == "/home/"


def test_fields_of_passwords_are_masked_and_help_password_managers(client: Client) -> None:
    own = own_browser()
    for browser, address, kinds in (
        (client, "/login/password/", ["current-password"]),
        (own, CHANGE, ["current-password", "new-password"]),
        (client, "/staff/login/", ["current-password"]),
    ):
        page = text(browser.get(address))
        fields = re.findall(r"<input[^>]*autocomplete=\"(?:current|new)-password\"[^>]*>", page)
        assert [re.search(r'autocomplete="([\w-]+)"', field)[1] for field in fields] == kinds, address  # type: ignore[index]
        assert all('type="password"' in field for field in fields)
        assert 'autocomplete="username"' in page
