"""Getting in with a password, by the page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from abonent.config import wsgi
from abonent.domains.customers.models import Contract
from abonent.domains.identity import hashing, models
from abonent.domains.identity.passwords.rules import WRONG_PER_ADDRESS
from abonent.domains.identity.rules import Channel, Way, window_start
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.test_hostile import NAUGHTY, ids, sane
from tests.factories import customers, identity, lines
from tests.factories import passwords as factory
from tests.factories.passwords import PASSWORD

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
ADDRESS = "/login/password/"


@pytest.fixture(autouse=True)
def wide_door() -> Iterator[None]:
    """Tests knock faster than anybody hashes."""
    hashing.door.cache_clear()
    hashing.door().per_second = 10_000
    hashing.door()._left = 10_000
    yield
    hashing.door.cache_clear()


def enter(client: Client, login: str = NUMBER, password: str = PASSWORD, **more: str) -> Any:
    return client.post(ADDRESS, {"login": login, "password": password} | more)


def text(response: Any) -> str:
    return response.content.decode().replace("\xa0", " ").replace("&nbsp;", " ")


@pytest.mark.parametrize(
    "login",
    [NUMBER, "8 (900) 000-00-01", "900 000 00 01", "Anna@Example.TEST", "T-900001", " t 900001"],
)
def test_id_3_every_name_of_the_person_opens_with_the_one_password(client: Client, login: str) -> None:
    contract_id = customers.contract()
    Contract.objects.filter(id=contract_id).update(number="T900001")
    line = factory.account(lines.line(number=NUMBER, contract_id=contract_id), email="anna@example.test")
    entered = enter(client, login)
    assert (entered.status_code, entered["Location"]) == (302, "/home/")
    assert client.session["proven_line"] == (line.id if "00" in login and "t" not in login.lower() else 0)
    assert models.SignIn.objects.get().way == Way.PASSWORD


def test_id_15_a_password_is_a_fresh_proof_and_the_session_a_new_one(client: Client) -> None:
    factory.account(lines.line(number=NUMBER))
    client.cookies["session"] = "planted0planted0planted0planted0"
    enter(client, next="/statement/")
    assert client.session.session_key != "planted0planted0planted0planted0"
    assert client.get("/login/confirm/?next=/statement/")["Location"] == "/statement/"


def test_id_4_says_what_to_do_and_after_three_that_a_code_is_left(client: Client) -> None:
    factory.account(lines.line(number=NUMBER))
    first = text(enter(client, password="Ошибка"))
    assert first.count("После трёх ошибок") >= 2, "in the summary and at the field"
    assert "русскими буквами" in first
    assert "латинскими буквами" in text(enter(client, password="mistake"))
    third = text(enter(client, password="MISTAKE"))
    assert "Вход по паролю для этого логина закрыт" in third
    assert 'href="/login/?next=' in third
    assert "Вход по паролю для этого логина закрыт" in text(enter(client))
    assert "_auth_user_id" not in client.session
    assert "MISTAKE" not in third, "a password is never written back"
    identity.sign_in(Client(), lines.queries.served_by_number(NUMBER))  # type: ignore[arg-type]


def test_id_17_nothing_tells_whether_a_login_is_known() -> None:
    factory.account(lines.line(number="+79000001111"))
    seen = []
    with time_machine.travel(now(), tick=False):
        for number in ("+79000001111", "+79000002222"):
            client, steps = Client(), []
            client.get(ADDRESS)
            for _ in range(5):
                with CaptureQueriesContext(connection) as queries:
                    response = enter(client, number, "wrong horse")
                body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text(response)).replace(number, "…")
                sql = [query["sql"].split(" ")[0] for query in queries.captured_queries]
                steps.append((response.status_code, body, sorted(response.headers), sorted(response.cookies), sql))
            seen.append(steps)
    for step, (one, other) in enumerate(zip(*seen, strict=True)):
        assert one == other, step


def test_a_sign_in_takes_few_queries(client: Client) -> None:
    factory.account(lines.line(number=NUMBER))
    with CaptureQueriesContext(connection) as queries:
        enter(client)
    asked = [query["sql"] for query in queries.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= 8, "\n".join(asked)


def test_the_number_is_remembered_on_this_device_when_ticked(client: Client) -> None:
    factory.account(lines.line(number=NUMBER), email="anna@example.test")
    enter(client, remember="on")
    client.post("/logout/")
    assert f'value="{NUMBER}"' in text(client.get(ADDRESS))
    enter(client, "anna@example.test", remember="on")
    client.post("/logout/")
    assert "anna@example.test" not in text(client.get(ADDRESS)), "only a number is"


@pytest.mark.parametrize(
    ("login", "words"),
    [("", "Введите номер, номер договора или почту"), ("иван@почта", "латинскими"), ("девятьсот", "латинскими")],
)
def test_id_16_what_is_no_login_is_said_and_costs_no_hash(client: Client, login: str, words: str) -> None:
    assert words in text(enter(client, login))
    assert models.PasswordGuard.objects.count() == 0


def test_a_wrong_captcha_free_network_is_asked_for_one_and_then_goes_on(client: Client) -> None:
    factory.account(lines.line(number=NUMBER))
    client.get(ADDRESS)
    models.SendFlow.objects.create(
        key="password 127.0.0.0/24",
        window_start=window_start(now(), WRONG_PER_ADDRESS),
        sends=WRONG_PER_ADDRESS.most,
        entered=0,
    )
    asked = enter(client, next="/expenses/")
    assert asked["Location"] == ADDRESS
    page = text(client.get(ADDRESS))
    assert 'name="captcha"' in page
    assert NUMBER in page
    assert PASSWORD not in page
    assert models.PasswordGuard.objects.count() == 0


# Temporary passwords.


def test_id_7_a_temporary_password_opens_once_and_leads_to_one_of_ones_own(client: Client) -> None:
    line = factory.account(lines.line(number=NUMBER), password="")
    typed = factory.temporary_password(line)
    assert re.fullmatch("[2-9a-hjkmnp-z]{10}", typed)
    entered = enter(client, password=f" {typed[:5].upper()}-{typed[5:]} ")
    assert entered["Location"] == "/login/new-password/?next=%2Fhome%2F"
    assert models.SignIn.objects.get().way == Way.TEMPORARY
    assert client.get("/home/")["Location"].startswith("/login/new-password/"), "there is no way around it"
    assert "Wrong" not in text(client.get("/login/new-password/"))
    done = client.post("/login/new-password/?next=/home/", {"password": "brittle kettle 7"})
    assert done["Location"] == "/home/"
    assert "закрыт" not in text(enter(Client(), password=typed)), "counted as any wrong one"
    assert enter(Client(), password="brittle kettle 7").status_code == 302


def test_id_4_a_temporary_password_opens_where_passwords_are_closed(client: Client) -> None:
    line = factory.account(lines.line(number=NUMBER))
    for _ in range(4):
        enter(client, password="wrong horse")
    assert "закрыт" in text(enter(client))
    assert enter(client, password=factory.temporary_password(line)).status_code == 302
    client.post("/login/new-password/", {"password": "brittle kettle 7"})
    assert enter(Client(), password="brittle kettle 7").status_code == 302, "the new password lifted the lock"


def test_id_7_a_temporary_password_dies_by_time_by_tries_and_by_the_next_one(client: Client) -> None:
    line = factory.account(lines.line(number=NUMBER))
    typed = factory.temporary_password(line)
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert enter(client, password=typed).status_code == 200
    later = now() + timedelta(hours=2)
    with time_machine.travel(later):
        paper = factory.temporary_password(line, channel=Channel.PAPER, at=now())
        newer = factory.temporary_password(line, at=now())
        assert enter(Client(), password=paper).status_code == 200
        for number in range(12):
            models.PasswordGuard.objects.all().delete()
            enter(Client(), password=f"{newer[:8]}{number + 22:02}".replace("0", "z").replace("1", "y"))
        assert enter(Client(), password=newer).status_code == 200, "ten wrong ones spent it"


def test_id_7_the_same_temporary_password_goes_out_again_while_it_lives() -> None:
    line = factory.account(lines.line(number=NUMBER))
    first = factory.temporary_password(line)
    again = factory.temporary_password(line, at=now() + timedelta(minutes=2))
    assert first == again
    assert factory.temporary_password(line, at=now() + timedelta(minutes=40)) != first


def test_id_8_the_own_password_becomes_permanent_when_the_one_time_password_was_used(client: Client) -> None:
    line = factory.account(lines.line(number=NUMBER), password="")
    kept = hashing.made("Brittle kettle 7")
    typed = factory.temporary_password(line, then_password_hash=kept)
    assert enter(Client(), password="Brittle kettle 7").status_code == 200, "not before"
    assert enter(client, password=typed)["Location"] == "/home/"
    assert "постоянн" in identity.last_text(NUMBER)
    assert enter(Client(), password="Brittle kettle 7").status_code == 302
    assert enter(Client(), password=typed).status_code == 200
    assert not models.Challenge.objects.exclude(next_password="").exists()


def test_id_8_or_it_is_told_why_not(client: Client) -> None:
    line = factory.account(lines.line(number=NUMBER), password="")
    typed = factory.temporary_password(line, problem="no digit")
    assert enter(client, password=typed)["Location"].startswith("/login/new-password/")
    assert "цифр" in identity.last_text(NUMBER)
    assert not factory.has_password(line)


def test_a_temporary_password_of_one_person_opens_nobody_else() -> None:
    factory.account(lines.line(number=NUMBER))
    other = factory.account(lines.line(number="+79000000002"))
    assert enter(Client(), password=factory.temporary_password(other)).status_code == 200


# Hostile hands.


@pytest.mark.parametrize("naughty", NAUGHTY, ids=ids)
def test_any_text_in_any_field_gets_a_sane_page(naughty: str) -> None:
    client = Client()
    sane(enter(client, naughty, naughty, next=naughty, remember=naughty))
    sane(enter(client, NUMBER, naughty, captcha=naughty))
    sane(client.get(ADDRESS, {"next": naughty}))
    assert "_auth_user_id" not in client.session


def test_a_megabyte_missing_and_doubled_fields_get_a_page(client: Client) -> None:
    assert enter(client, password="x" * 1_000_000).status_code == 400
    sane(client.post(ADDRESS))
    sane(client.post(ADDRESS, {"login": [NUMBER, "x"], "password": ["a", "b"]}))
    sane(client.post(ADDRESS, b"{", content_type="application/json"))


def test_a_password_needs_the_forms_token() -> None:
    factory.account(lines.line(number=NUMBER))
    assert enter(Client(enforce_csrf_checks=True)).status_code == 403


def test_an_open_redirect_is_not_followed(client: Client) -> None:
    factory.account(lines.line(number=NUMBER))
    assert enter(client, next="https://evil.test/")["Location"] == "/home/"


# Too many at once.


def knock(method: str = "POST", path: str = ADDRESS, cookie: str = "") -> tuple[int, dict[str, str], str]:
    """Send a form to the application as the web server does."""
    said: list[Any] = []
    body = b"login=1&password=2"
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "HTTP_COOKIE": cookie,
        "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
    }  # fmt: skip
    # As Django's own client does: the test's transaction outlives the request.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        answer = b"".join(wsgi.application(environ, lambda status, headers, *_: said.extend((status, headers))))
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
    return int(said[0][:3]), dict(said[1]), answer.decode()


def test_too_many_at_once_get_a_page_that_names_another_way_and_use_up_nothing() -> None:
    assert knock()[0] == 403, "let in, it is a form without its token"
    hashing.door().per_second = hashing.door()._left = 0
    for cookie, words in (("", "Слишком много паролей"), ("language=en; x", "Too many passwords"), ('"', "Слишком")):
        knock(cookie=cookie)
        with CaptureQueriesContext(connection) as queries:
            status, headers, page = knock(cookie=cookie)
        assert (status, headers["Retry-After"]) == (503, "5")
        assert int(headers["Content-Length"]) == len(page.encode())
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert 'href="/login/"' in page
        assert words in page
        assert not queries.captured_queries
    assert models.PasswordGuard.objects.count() == 0
    assert knock("GET")[0] == 200
    assert knock(path="/login/")[0] == 403


def test_the_door_lets_in_as_many_a_second_as_can_be_hashed() -> None:
    pool = hashing.Pool(running=1, waiting=0)
    door = hashing.Door(pool, per_second=5)
    assert [door.lets_in() for _ in range(7)] == [True] * 5 + [False] * 2
    door._at -= 0.5
    assert [door.lets_in() for _ in range(4)] == [True, True, False, False]
    door._at -= 10
    with pool.place():
        assert not door.lets_in(), "there is no place to hash it"
    assert door.lets_in()


def test_with_no_place_in_the_pool_nothing_is_counted(client: Client) -> None:
    factory.account(lines.line(number=NUMBER))
    places = hashing.pool().places
    hashing.pool().places = 0
    try:
        assert enter(client).status_code == 503
        assert models.PasswordGuard.objects.count() == 0
    finally:
        hashing.pool().places = places
    assert enter(client).status_code == 302
