"""State of the account at a moment, acts of reconciliation as page and files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.billing import account_moment
from tests.entrypoints.portal.billing.test_expenses import HOSTILE
from tests.factories import bills as make
from tests.factories import cabinet, identity
from tests.factories.bills import local

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")
NUMBER = "+79000000001"


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line(today: None, db: None) -> Line:
    """A prepaid line that paid twice and called on three days."""
    line = make.line(NUMBER, payment="prepaid")
    make.pay(line, local(2026, 10, 1), 100_000, "sbp", "•• 4417")
    make.charge(line, local(2026, 10, 5, 0), 65_000)
    make.charge(line, local(2026, 11, 5, 0), 65_000)
    make.charge(line, local(2026, 11, 9, 14, 5), 120, "calls")
    make.charge(line, local(2026, 11, 9, 15, 5), 130, "calls")
    make.pay(line, local(2026, 11, 10, 10), 50_000, "card")
    return line


@pytest.fixture
def client(line: Line) -> Client:
    return identity.browser(line)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "На лицевом счёте 22 ноября, 12:00 197 ,50 ₽ Столько можно было потратить."),
        ("on=2026-11-09&time=14:04", "На лицевом счёте 9 ноября, 14:04 −300 ,00 ₽ Долг перед оператором."),
        ("on=2026-11-09&time=14:05", "−301 ,20 ₽"),
        ("on=9.11.2026&time=14.05", "−301 ,20 ₽"),
        ("on=2026-11-09&time=15", "−301 ,20 ₽"),
        ("on=2026-11-09", "На лицевом счёте на конец дня 9 ноября −302 ,50 ₽"),
        ("on=2026-09-30", "0 ,00 ₽ Ни долга, ни остатка."),
        ("on=&time=11:00", "На лицевом счёте 22 ноября, 11:00 197 ,50 ₽"),
    ],
)
def test_cab_5_shows_the_account_at_any_moment_of_three_months(client: Client, query: str, said: str) -> None:
    assert said in cabinet.words(client, f"/account/?{query}")


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("on=2026-08-01", "on", "Выберите день не раньше 22 августа 2026: состояние счёта видно за три месяца"),
        ("on=2026-11-23", "on", "Выберите день не позже сегодняшнего"),
        ("on=31.02.2026", "on", "Такого дня нет в календаре"),
        ("on=2026-11-09&time=25:00", "time", "Введите время так: 14:05"),
        ("on=2026-11-09&time=14:60", "time", "Введите время так: 14:05"),
        ("on=2026-11-09&time=noon", "time", "Введите время так: 14:05"),
        ("on=2026-11-22&time=23:59", "time", "Выберите время, которое уже прошло"),
    ],
)
def test_cab_5_names_each_mistake_and_keeps_what_was_typed(client: Client, query: str, field: str, said: str) -> None:
    response = client.get(f"/account/?{query}")
    page = response.content.decode()
    assert said in cabinet.words(client, f"/account/?{query}")
    assert "<title>Ошибка:" in re.sub(r"\s+", " ", page)
    assert f'aria-describedby="id_{field}_error"' in page
    for typed in re.findall(r"=([^&]+)", query):
        assert f'value="{typed}"' in page
    assert "197" in page, "what there is now is shown"


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("field", ["on", "time"])
def test_cab_5_takes_no_harm_from_what_is_typed(client: Client, field: str, typed: str) -> None:
    response = client.get("/account/", {field: typed})
    assert response.status_code == 200
    page = response.content.decode()
    assert f'href="#id_{field}"' in page
    assert len(page) < 30_000
    assert "<script>alert" not in page


@given(st.text(max_size=30), st.text(max_size=10))
def test_cab_5_a_moment_is_never_after_now(day: str, clock: str) -> None:
    asked = account_moment.asked(day, clock, NOW, MOSCOW)
    assert asked.at <= NOW
    assert not asked.problems or asked.at == NOW


def test_cab_5_an_act_leads_from_one_balance_to_the_other(client: Client) -> None:
    page = cabinet.words(client, "/account/act/?from=2026-11-01&to=2026-11-22")
    for part in (
        "Акт сверки за 1–22 ноября", "Остаток на начало дня 1 ноября 2026 350,00 ₽",
        "Остаток на конец дня 22 ноября 2026 197,50 ₽", "5 ноября Абонентская плата +7 900 000-00-01 Списано 650,00 ₽",
        "9 ноября Звонки +7 900 000-00-01 · 2 списания Списано 2,50 ₽", "10 ноября Оплата: Карта № ",
        "Всего Списано 652,50 ₽ Пополнено 500,00 ₽",
    ):  # fmt: skip
        assert part in page, part


def test_cab_5_each_movement_leads_to_its_reason(client: Client) -> None:
    page = client.get("/account/act/").content.decode()
    assert re.search(r'href="/statement/charge/[0-9a-f-]{36}/"', page)
    assert 'href="/statement/?from=2026-11-09&amp;to=2026-11-09&amp;type=calls"' in page


@pytest.mark.parametrize("typed", HOSTILE)
def test_cab_5_an_act_of_days_that_are_none_is_the_one_of_this_month(client: Client, typed: str) -> None:
    page = client.get("/account/act/", {"from": typed}).content.decode()
    assert "Ошибка:" in page
    assert "Акт сверки за 1–22\N{NO-BREAK SPACE}ноября" in page
    for extension in ("pdf", "xlsx"):
        response = client.get(f"/account/act/act.{extension}", {"from": typed})
        assert response.status_code == 302
        assert response["Location"].startswith("/account/act/?from=")


def test_cab_5_the_act_on_paper_has_both_sides_to_sign(client: Client) -> None:
    response = client.get("/account/act/act.pdf?from=2026-11-01&to=2026-11-22")
    pages = PdfReader(BytesIO(response.content)).pages
    assert len(pages) == 1
    text = " ".join(pages[0].extract_text().split())
    for part in ("Акт сверки", "1–22 ноября", "350,00 ₽", "197,50 ₽", "652,50 ₽", "500,00 ₽", "Орлова Анна Ивановна",
                 "ООО «Орбита»", "Подпись, дата", "ИНН 7700000000"):  # fmt: skip
        assert part in text, part


def test_cab_5_the_act_as_a_spreadsheet_counts(client: Client) -> None:
    response = client.get("/account/act/act.xlsx?from=2026-11-01&to=2026-11-22")
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    sheet = ZipFile(BytesIO(response.content)).read("xl/worksheets/sheet1.xml").decode()
    numbers = [float(found) for found in re.findall(r"<v>([-0-9.]+)</v></c>", sheet)]
    for number in (350.0, 650.0, 2.5, 500.0, 652.5, 197.5):
        assert number in numbers
    assert "<f>" not in sheet, "no words become formulas"


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
def test_cab_5_an_act_without_movements_says_so() -> None:
    client = identity.browser(make.line("+79000000009"))
    assert "За эти дни движений не было." in cabinet.words(client, "/account/act/")
    assert client.get("/account/act/act.pdf").status_code == 200
    assert client.get("/account/act/act.xlsx").status_code == 200


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
def test_cab_5_a_child_on_the_contract_does_not_see_its_account(line: Line) -> None:
    child = identity.browser(make.line("+79000000002", of=line))
    for address in ("/account/", "/account/act/"):
        page = cabinet.words(child, address)
        assert "Состояние счёта договора видит тот, кто входит с основным номером" in page
        assert "197" not in page
    assert child.get("/account/act/act.pdf").status_code == 404


@pytest.mark.parametrize("address", ["/account/", "/account/act/", "/account/act/act.pdf", "/account/act/act.xlsx"])
def test_cab_5_the_account_asks_the_database_few_times(line: Line, client: Client, address: str) -> None:
    for day in range(1, 20):
        make.charge(line, local(2026, 11, day), 100, "messages")
    # Two of them begin and end the moment that all is read of.
    assert cabinet.queries_of(client, address) <= 12
