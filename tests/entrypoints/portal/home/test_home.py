"""The home page of a line."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from abonent.domains.billing import actions as billing
from abonent.domains.billing import rules
from abonent.domains.customers import models
from abonent.domains.lines import queries as lines
from abonent.foundation import clock
from tests.factories import cabinet, identity, payments, statement

pytestmark = pytest.mark.django_db
QUERIES = 6


def busy(line: lines.Line, now: datetime) -> None:
    statement.fee(line, now - timedelta(hours=1), 65000)
    statement.use(
        line,
        [
            statement.Used(now - timedelta(minutes=n), peer=f"+7916000{n:04}", amount_minor=250, duration_s=332)
            for n in range(1, 40)
        ],
    )


def test_cab_1_sends_strangers_to_sign_in() -> None:
    response = Client().get("/home/")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=%2Fhome%2F")


def test_cab_1_answers_how_much_is_left_what_is_due_and_what_the_plan_is() -> None:
    line = cabinet.line()
    statement.fee(line, clock.now() - timedelta(minutes=1), 65000)
    text = cabinet.words(identity.browser(line))
    for said in (
        "Баланс 0 ,00 ₽",
        "спишется 650,00 ₽ за тариф «Свободный».",
        "Не хватает 650,00 ₽",
        "Тариф «Свободный», 650,00 ₽ в месяц",
        "30 ГБ Интернет из 30 ГБ",
        "800 мин Минуты из 800 мин",
        "100 SMS SMS из 100 SMS",
        "Данные на",
        "Абонентская плата",
        "Сегодня",
    ):
        assert said in text, f"{said!r} not in {text}"


def test_cab_1_asks_the_database_no_more_for_many_lines_and_operations() -> None:
    quiet, full = cabinet.line(), cabinet.line("+79000000777")
    for n in range(30):
        cabinet.another(full, f"+79001000{n:03}", "legky")
    busy(full, clock.now())
    one, many = identity.browser(quiet), identity.browser(full)
    # A process reads a tariff once and remembers it.
    assert cabinet.queries_of(one) <= QUERIES + 1
    assert cabinet.queries_of(one) == cabinet.queries_of(many) <= QUERIES


def test_cab_1_never_shows_whom_one_talks_to() -> None:
    line = cabinet.line()
    busy(line, clock.now())
    page = identity.browser(line).get("/home/").content.decode()
    assert "7916000" not in page
    assert "5\N{NO-BREAK SPACE}мин\N{NO-BREAK SPACE}32\N{NO-BREAK SPACE}с" in page


def test_cab_1_calls_unlimited_unlimited_and_gives_no_number() -> None:
    line = cabinet.line()
    endless = cabinet.another(line, "+79000000002", "bez-kraya")
    client = identity.browser(line)
    client.post("/line/", {"line": endless.id})
    text = cabinet.words(client)
    assert text.count("Безлимит") == 3
    assert "Мало" not in text


@pytest.mark.parametrize(
    ("service", "tariff", "number", "says"),
    [
        ("internet", "dom-500", "orlova-3312", "Домашний интернет orlova-3312"),
        ("tv", "ekran", "700012345", "ТВ 700012345"),
    ],
)
def test_fix_1_shows_home_lines_without_minutes(service: str, tariff: str, number: str, says: str) -> None:
    line = cabinet.line()
    home = cabinet.another(line, number, tariff, service)
    client = identity.browser(line)
    client.post("/line/", {"line": home.id})
    text = cabinet.words(client)
    assert says in text
    assert "Моё подключение" in text
    assert "Минуты" not in text
    assert "SMS" not in text


def test_cab_1_says_in_words_that_nothing_has_happened() -> None:
    text = cabinet.words(identity.browser(cabinet.line()))
    assert "В этом месяце списаний не было." in text
    assert "Здесь появятся пополнения и списания." in text


def test_cab_1_tells_a_contract_that_it_pays_by_bill() -> None:
    line = cabinet.line()
    models.Contract.objects.filter(pk=line.contract_id).update(payment="postpaid")
    text = cabinet.words(identity.browser(line))
    assert "спишется 650,00 ₽ за тариф «Свободный». Вы платите по счёту: пополнять заранее не нужно." in text
    assert "Не хватает" not in text


def test_cab_1_calls_a_package_that_is_used_up_empty() -> None:
    line = cabinet.line()
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_bucket (line_id, bucket, period_start, used, used_until)
               values (%s, 'voice', %s, %s, now())""",
            [line.id, rules.period_of(line.period_day, clock.now(), statement.MOSCOW).start, 10**6],
        )
    text = cabinet.words(identity.browser(line))
    assert "0 мин Минуты из 800 мин Пусто" in text
    assert "Мало" not in text


def test_cab_1_names_content_services_in_the_language_of_the_page() -> None:
    line = cabinet.line()
    statement.use(line, [statement.Used(clock.now(), statement.CONTENT, peer="Гороскоп на день", amount_minor=390)])
    client = identity.browser(line)
    assert "«Гороскоп на день»" in cabinet.words(client)
    client.cookies["language"] = "en"
    assert "“Daily horoscope”" in cabinet.words(client)


def test_cab_2_is_open_below_zero() -> None:
    line = cabinet.line()
    statement.fee(line, clock.now() - timedelta(days=1), 100_000_00)
    assert identity.browser(line).get("/home/").status_code == 200


def test_cab_1_leads_only_to_pages_that_are_there() -> None:
    client = identity.browser(cabinet.line())
    page = client.get("/home/").content.decode()
    for address in set(re.findall(r'<a [^>]*href="(/[^"#]*)"', page)):
        assert client.get(html.unescape(address)).status_code in (200, 302), address


def test_cab_20_tells_the_browser_what_to_show_offline() -> None:
    page = identity.browser(cabinet.line()).get("/home/").content.decode()
    kept = json.loads(html.unescape(re.search(r'data-offline="([^"]*)"', page)[1]))  # type: ignore[index]
    assert kept["at"]
    assert kept["facts"][0] == ["Баланс", "0,00\N{NO-BREAK SPACE}₽"]
    assert [name for name, _ in kept["facts"]] == ["Баланс", "Интернет", "Минуты", "SMS"]


def test_cab_1_speaks_english() -> None:
    client = identity.browser(cabinet.line())
    client.cookies["language"] = "en"
    text = cabinet.words(client)
    assert "Tariff “Free Flight”, 650.00 ₽ a month" in text
    assert not re.search("[А-Яа-я]", text)


def test_cab_1_is_kept_in_no_cache() -> None:
    assert "no-store" in identity.browser(cabinet.line()).get("/home/")["Cache-Control"]


def test_cab_1_takes_no_post() -> None:
    assert identity.browser(cabinet.line()).post("/home/").status_code == 405


def test_cab_1_cab_6_offers_to_top_up_and_exactly_what_is_missing(settings: Any) -> None:
    payments.open_bank(settings)
    line = cabinet.line()
    client = identity.browser(line)
    page = client.get("/home/").content.decode()
    assert 'href="/topup/"' in page
    assert 'href="/topup/?amount=650"' in page
    billing.top_up(payment_id=uuid4(), contract_id=line.contract_id, amount_minor=482_56, at=clock.now(), method="card")
    text = cabinet.words(client)
    assert "Ровно 167,44 ₽" in text
    assert 'href="/topup/?amount=167.44"' in client.get("/home/").content.decode()
    billing.top_up(payment_id=uuid4(), contract_id=line.contract_id, amount_minor=160_00, at=clock.now(), method="card")
    # What is missing is less than is taken at once: the page of top-ups knows what is.
    assert "?amount=" not in client.get("/home/").content.decode()
