"""Getting in: number, code, session."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from abonent.domains.identity import models
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
NOBODY = "+79009999999"


def ask(client: Client, number: str = NUMBER, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login/", {"number": number} | more)


def wait(**span: int) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(**span))


def text(response) -> str:  # type: ignore[no-untyped-def]
    return response.content.decode().replace("\xa0", " ").replace("&nbsp;", " ")


def test_id_3_leads_from_the_number_through_the_code_into_the_cabinet(client: Client) -> None:
    line = lines.line(number=NUMBER)
    asked = ask(client, "8 (900) 000-00-01")
    assert (asked.status_code, asked["Location"]) == (302, "/login/code/")
    assert "+7 900 000-00-01" in text(client.get("/login/code/"))
    entered = client.post("/login/code/", {"code": identity.last_code(NUMBER)})
    assert (entered.status_code, entered["Location"]) == (302, identity.OFFER)
    assert client.session["proven_line"] == line.id
    assert (models.Account.objects.count(), models.Session.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Введите номер телефона"),
        ("900 12", "Введите номер полностью — 10 цифр после +7"),
        ("девятьсот", "цифрами, без букв"),
        ("+7 900 000-00-01 12345", "лишние цифры"),
        ("8 901 000 00 01", "другого оператора"),
        ("+1 415 555 0100", "другой страны"),
        ("9" * 10_000, "лишние цифры"),
    ],
)
def test_id_1_says_what_to_do_about_a_number(client: Client, typed: str, words: str) -> None:
    page = text(ask(client, typed))
    assert words in page
    assert page.count(words) == 2, "at the field and in the summary"
    assert "<title>Ошибка: " in page
    assert Message.objects.count() == models.NumberGuard.objects.count() == 0


def test_what_was_typed_stays_in_the_field(client: Client) -> None:
    assert 'value="900 &lt;12&gt;"' in text(ask(client, "900 <12>"))


def measured(client: Client, number: str, code: str) -> list[tuple[int, str, list[str], list[str]]]:
    """Go through every page with `number`; return status, body, headers and SQL of each answer."""
    steps = [
        lambda: ask(client, number),
        lambda: client.get("/login/code/"),
        lambda: client.post("/login/code/", {"code": code}),
        lambda: client.post("/login/code/again/"),
        lambda: client.post("/login/code/", {"code": code}),
        lambda: client.post("/login/code/", {"code": code}),
        lambda: client.get("/login/code/"),
        lambda: ask(client, number),
    ]
    seen = []
    for step in steps:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = step()
        body = text(response)
        for secret in (number, number[-4:-2] + "-" + number[-2:], number[5:8]):
            body = body.replace(secret, "…")
        sql = [query["sql"].split(" ")[0] for query in queries.captured_queries]
        seen.append((response.status_code, body, sorted(response.headers), sql))
    return seen


def test_id_17_nothing_tells_whether_a_number_is_a_customers() -> None:
    lines.line(number="+79000001111")
    with time_machine.travel(now(), tick=False):
        known = measured(Client(), "+79000001111", "000000")
        unknown = measured(Client(), "+79000002222", "000000")
    for step, (one, other) in enumerate(zip(known, unknown, strict=True)):
        assert one[0] == other[0], step
        assert one[2] == other[2], step
        assert one[3] == other[3], step
        assert _plain(one[1]) == _plain(other[1]), step


def _plain(body: str) -> str:
    """Leave out what differs from browser to browser: tokens and request numbers."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
    return re.sub(r'Запрос \d+|name="request" value="\d+"', "", body)


def test_the_code_page_costs_one_query_and_entering_few(client: Client) -> None:
    lines.line(number=NUMBER)
    with CaptureQueriesContext(connection) as asking:
        ask(client)
    with CaptureQueriesContext(connection) as looking:
        client.get("/login/code/")
    code = identity.last_code(NUMBER)
    with CaptureQueriesContext(connection) as entering:
        client.post("/login/code/", {"code": code})
    assert len(_real(asking)) == 5
    assert len(_real(looking)) == 1
    assert len(_real(entering)) <= 16


def _real(queries: CaptureQueriesContext) -> list[str]:
    sql = [query["sql"] for query in queries.captured_queries]
    return [one for one in sql if not one.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def test_a_page_before_signing_in_asks_the_database_nothing(client: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        assert client.get("/login/").status_code == HTTPStatus.OK


def test_who_is_signed_in_costs_two_queries(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    client = identity.browser()
    with django_assert_num_queries(2):
        assert client.get("/login/")["Location"] == "/home/"


def test_a_wrong_code_says_how_many_tries_are_left_and_the_third_asks_for_a_new_one(client: Client) -> None:
    lines.line(number=NUMBER)
    ask(client)
    challenge = models.Challenge.objects.get().id
    wrong = identity.wrong_code_of(challenge)
    assert "осталось 2 попытки" in text(client.post("/login/code/", {"code": wrong}))
    assert "осталась 1 попытка" in text(client.post("/login/code/", {"code": wrong}))
    page = text(client.post("/login/code/", {"code": wrong}))
    assert "трижды введён неверно" in page
    assert 'name="code"' not in page
    assert "Получить новый код" in page
    again = client.post("/login/code/", {"code": identity.code_of(challenge)})
    assert "трижды введён неверно" in text(again)
    assert "session" not in client.cookies
    assert models.Session.objects.count() == 0


def test_an_old_code_says_that_it_is_old(client: Client) -> None:
    lines.line(number=NUMBER)
    ask(client)
    code = identity.last_code(NUMBER)
    with wait(minutes=11):
        assert "устарел" in text(client.post("/login/code/", {"code": code}))
        assert "устарел" in text(client.get("/login/code/"))
        assert models.Session.objects.count() == 0
        asked = client.post("/login/code/again/")
        assert asked.status_code == HTTPStatus.FOUND
        assert identity.last_code(NUMBER) != code


def test_a_used_code_says_so_in_another_browser_and_leads_on_in_the_same(client: Client) -> None:
    lines.line(number=NUMBER)
    ask(client)
    other = Client()
    other.cookies["code-entry"] = client.cookies["code-entry"].value
    held = client.cookies["code-entry"].value
    code = identity.last_code(NUMBER)
    client.post("/login/code/", {"code": code})
    twice = other.post("/login/code/", {"code": code}, follow=True)
    assert "уже использован" in text(twice)
    client.cookies["code-entry"] = held
    form_sent_twice = client.post("/login/code/", {"code": code}, follow=True)
    assert form_sent_twice.redirect_chain[-1][0] == "/home/"


def test_a_code_works_only_in_the_browser_that_asked(client: Client) -> None:
    lines.line(number=NUMBER)
    ask(client)
    stranger = Client()
    assert stranger.post("/login/code/", {"code": identity.last_code(NUMBER)})["Location"] == "/login/"
    with wait(seconds=61):
        ask(stranger)
        stranger_code = identity.last_code(NUMBER)
    assert "не подошёл" in text(client.post("/login/code/", {"code": stranger_code}))


def test_a_code_that_is_no_code_uses_up_no_try(client: Client) -> None:
    lines.line(number=NUMBER)
    ask(client)
    for typed in ("", "12345", "abcdef", "1234567"):
        assert "Введите 6 цифр" in text(client.post("/login/code/", {"code": typed}))
    assert models.Challenge.objects.get().tries_left == 3


def test_id_9_again_sends_the_same_code_after_a_minute(client: Client) -> None:
    lines.line(number=NUMBER)
    ask(client)
    code = identity.last_code(NUMBER)
    early = client.post("/login/code/again/")
    assert early.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 0 < int(early["Retry-After"]) <= 60
    assert "Новый код можно запросить через" in text(early)
    with wait(seconds=61):
        again = client.post("/login/code/again/", follow=True)
        assert "Отправили сообщение ещё раз" in text(again)
        assert Message.objects.count() == 2
        assert identity.last_code(NUMBER) == code
        assert client.post("/login/code/", {"code": code})["Location"] == identity.OFFER


def test_the_timer_counts_by_the_server_and_the_button_is_there_without_scripts(client: Client) -> None:
    ask(client)
    page = text(client.get("/login/code/"))
    assert 'data-wait="60"' in page or 'data-wait="59"' in page
    assert 'action="/login/code/again/"' in page


def test_the_number_typed_again_within_the_minute_leads_to_the_code_that_came(client: Client) -> None:
    lines.line(number=NUMBER)
    ask(client)
    assert ask(client)["Location"] == "/login/code/"
    assert Message.objects.count() == 1
    stranger = ask(Client())
    assert stranger.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "слишком много кодов" in text(stranger)


def test_eleven_codes_in_a_row_get_a_clear_answer_each_time() -> None:
    lines.line(number=NUMBER)
    answers = []
    start = now()
    for index in range(11):
        with time_machine.travel(start + timedelta(minutes=21 * index)):
            answers.append(ask(Client()))
    assert [answer.status_code for answer in answers] == [302] * 10 + [429]
    assert "Новый можно запросить после " in text(answers[-1])
    assert int(answers[-1]["Retry-After"]) > 3600
    assert Message.objects.count() == 10


def test_ten_failures_a_day_close_the_number_for_everybody(client: Client) -> None:
    lines.line(number=NUMBER)
    start = now()
    for index in range(4):
        with time_machine.travel(start + timedelta(minutes=21 * index)):
            browser = Client()
            if ask(browser).status_code == HTTPStatus.TOO_MANY_REQUESTS:
                break
            wrong = identity.wrong_code_of(models.Challenge.objects.latest("created_at").id)
            for _ in range(3):
                last = browser.post("/login/code/", {"code": wrong})
    assert "слишком много раз ввели неверный код" in text(last)
    with time_machine.travel(start + timedelta(hours=3)):
        assert "слишком много раз ввели неверный код" in text(ask(client))
    with time_machine.travel(start + timedelta(hours=25)):
        assert ask(client).status_code == HTTPStatus.FOUND


def test_the_number_is_remembered_on_the_device_only_when_ticked(client: Client) -> None:
    ask(client)
    assert 'value="+7900' not in text(client.get("/login/"))
    with wait(seconds=61):
        ask(client, remember="on")
    page = text(client.get("/login/"))
    assert f'value="{NUMBER}"' in page
    assert "checked" in page
    assert client.cookies["number"]["httponly"]
    with wait(seconds=122):
        ask(client)
    assert f'value="{NUMBER}"' not in text(client.get("/login/"))


def test_the_message_speaks_the_language_of_the_page(client: Client) -> None:
    client.cookies["language"] = "en"
    lines.line(number=NUMBER)
    ask(client)
    assert "is your sign-in code" in identity.last_text(NUMBER)
    client.post("/login/code/", {"code": identity.last_code(NUMBER)})
    assert models.Account.objects.get().language == "en"


def test_the_last_line_of_the_message_names_the_host_that_was_asked(settings) -> None:  # type: ignore[no-untyped-def]
    settings.ALLOWED_HOSTS = ["lk.orbita.test"]
    client = Client(headers={"host": "lk.orbita.test:8000"})
    ask(client)
    code = identity.last_code(NUMBER)
    assert identity.last_text(NUMBER).splitlines()[-1] == f"@lk.orbita.test #{code}"
    stranger = Client(headers={"host": "evil.test"})
    assert ask(stranger, "+79000000002").status_code == HTTPStatus.BAD_REQUEST
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "forwarded", "counted"),
    [
        ("93.184.216.34", "203.0.113.9", "93.184.216.0/24"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.0/24"),
        ("172.17.0.2", "2001:db8::1", "2001:db8::/64"),
        ("", "203.0.113.9", "203.0.113.0/24"),
        ("10.0.0.7", "", "10.0.0.0/24"),
    ],
)
def test_id_17_the_address_that_counts_is_the_one_our_proxy_saw(
    client: Client, address: str, forwarded: str, counted: str
) -> None:
    client.post("/login/", {"number": NUMBER}, REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=forwarded)
    assert models.SendFlow.objects.filter(key=f"address {counted}").exists()


def test_a_wrong_code_leaves_the_life_of_the_code_on_the_page(client: Client) -> None:
    ask(client)
    page = text(client.post("/login/code/", {"code": "000000"}))
    assert "Код действует 10 минут, до " in page
    assert 'aria-describedby="id_code_helptext id_code_error"' in page
