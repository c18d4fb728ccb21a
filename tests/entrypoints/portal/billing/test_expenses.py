"""Expenses by category, for the days a person asks for."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from abonent.entrypoints.portal.billing import expenses_period as periods
from abonent.entrypoints.portal.billing.expenses_period import Days
from tests.factories import cabinet, identity, statement

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
HOSTILE = [
    "31.02", "2026-02-31", "x" * 10_000, "٣١", "-1", "9999999999", "2026-13-01", "<script>alert(1)</script>",
    "' or 1=1 --", "0001-01-01", "9999-12-31", "2026-11-22T00:00", "Ω≈ç√", "💥",
]  # fmt: skip


@pytest.fixture
def client_of_line() -> Client:
    """A browser of a line with a fee, two calls and a subscription in November, a fee in October."""
    line = cabinet.line()
    statement.fee(line, datetime(2026, 11, 4, 21, tzinfo=UTC), 65000)
    statement.fee(line, datetime(2026, 10, 4, 21, tzinfo=UTC), 60000)
    statement.use(
        line,
        [
            statement.Used(datetime(2026, 11, 10, 9, tzinfo=UTC), amount_minor=1245),
            statement.Used(datetime(2026, 11, 11, 9, tzinfo=UTC), amount_minor=1245),
            statement.Used(datetime(2026, 11, 12, 9, tzinfo=UTC), kind=5, peer="Кино", units=1, amount_minor=14900),
            statement.Used(datetime(2026, 11, 13, 9, tzinfo=UTC), amount_minor=0, included=60),
        ],
    )
    return identity.browser(line)


@pytest.fixture
def today() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
def test_cab_3_shows_sum_share_and_count_by_category(client_of_line: Client) -> None:
    text = cabinet.words(client_of_line, "/expenses/")
    assert "Расходы за 1–22 ноября" in text
    assert "Абонентская плата 1 79 % 650,00 ₽" in text
    assert "Подписки 1 18 % 149,00 ₽" in text
    assert "Звонки 2 3 % 24,90 ₽" in text
    assert "Всего 4 823,90 ₽" in text


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
def test_cab_3_compares_with_as_many_days_before(client_of_line: Client) -> None:
    text = cabinet.words(client_of_line, "/expenses/?from=2026-11-03&to=2026-11-05")
    assert "Перед этим, 31 октября – 2 ноября, списаний не было." in text


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
def test_cab_3_compares_a_whole_month_with_the_month_before(client_of_line: Client) -> None:
    text = cabinet.words(client_of_line, "/expenses/?from=2026-10-01&to=2026-10-31")
    assert "Перед этим, 1–30 сентября, списаний не было." in text
    assert "600,00 ₽" in text


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
def test_cab_3_leads_from_a_category_to_its_entries(client_of_line: Client) -> None:
    page = client_of_line.get("/expenses/").content.decode()
    addresses = [html.unescape(address) for address in re.findall(r'href="(/statement/[^"]+type=[^"]+)"', page)]
    assert addresses == [
        f"/statement/?from=2026-11-01&to=2026-11-22&type={kind}" for kind in ("fees", "content", "calls")
    ]


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("field", ["from", "to"])
def test_cab_3_says_what_to_do_about_a_day_it_cannot_show(client_of_line: Client, field: str, typed: str) -> None:
    response = client_of_line.get("/expenses/", {field: typed})
    assert response.status_code == 200
    page = response.content.decode()
    assert "<title>Ошибка: Расходы" in re.sub(r"\s+", " ", page)
    assert f'href="#id_{field}"' in page
    assert f'aria-describedby="id_{field}_error"' in page
    assert "Расходы за 1–22\N{NO-BREAK SPACE}ноября" in page
    assert len(page) < 30_000
    assert "<script>alert" not in page


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["\0", " ", "\N{RIGHT-TO-LEFT OVERRIDE}", "\N{ZERO WIDTH SPACE}"])
def test_cab_3_takes_what_cannot_be_seen_for_nothing(client_of_line: Client, typed: str) -> None:
    response = client_of_line.get("/expenses/", {"from": typed, "to": typed})
    assert response.status_code == 200
    assert "Ошибка" not in response.content.decode()


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=2026-11-20&to=2026-11-10", "Выберите последний день не раньше первого"),
        ("from=2026-08-21&to=2026-11-10", "Выберите день не раньше 22 августа 2026"),
        ("from=2026-11-01&to=2026-12-01", "Выберите день не позже сегодняшнего"),
        ("from=31.02&to=", "Такого дня нет в календаре"),
        ("from=then&to=", "Введите день так: 31.12.2026"),
    ],
)
def test_cab_3_names_each_mistake(client_of_line: Client, query: str, said: str) -> None:
    assert said in cabinet.words(client_of_line, f"/expenses/?{query}")


@pytest.mark.usefixtures("today")
@pytest.mark.django_db
def test_cab_3_is_of_the_selected_line_only(client_of_line: Client) -> None:
    line = cabinet.line("+79000000555")
    other = cabinet.another(line, "+79000000556", "legky")
    statement.fee(other, NOW - timedelta(days=1), 39000)
    client = identity.browser(line)
    assert "За эти дни списаний не было." in cabinet.words(client, "/expenses/")
    client.post("/line/", {"line": other.id})
    assert "390,00 ₽" in cabinet.words(client, "/expenses/")


@pytest.mark.django_db
def test_cab_3_asks_the_database_few_times() -> None:
    line = cabinet.line()
    statement.life(line, 300)
    assert cabinet.queries_of(identity.browser(line), "/expenses/") <= 8


@pytest.mark.django_db
def test_cab_3_sends_strangers_to_sign_in_and_back() -> None:
    response = Client().get("/expenses/?from=2026-11-01")
    assert response["Location"] == "/login/?next=%2Fexpenses%2F%3Ffrom%3D2026-11-01"


@given(st.dates(date(2001, 1, 1), date(2100, 1, 1)))
def test_cab_3_offers_only_days_that_may_be_asked_for(today: date) -> None:
    allowed = periods.everything(today)
    for days in [*periods.months(today), allowed]:
        assert periods.asked(f"{days.first}", f"{days.last}", today) == periods.Asked(days, {})
        assert days.first <= days.last <= today


@given(st.dates(date(2001, 1, 1), date(2100, 1, 1)), st.integers(0, 92))
def test_cab_3_compares_days_inside_a_month_with_as_many_just_before(first: date, more: int) -> None:
    days = Days(first, first + timedelta(days=more))
    before = periods.before(days)
    begins_a_month = first.day == 1 and days.last.month == first.month
    assert before.last < first
    if not begins_a_month:
        assert (before.last, before.length) == (first - timedelta(days=1), days.length)


@pytest.mark.parametrize(
    ("days", "before"),
    [
        (Days(date(2026, 11, 1), date(2026, 11, 22)), Days(date(2026, 10, 1), date(2026, 10, 22))),
        (Days(date(2026, 11, 1), date(2026, 11, 30)), Days(date(2026, 10, 1), date(2026, 10, 31))),
        (Days(date(2026, 2, 1), date(2026, 2, 28)), Days(date(2026, 1, 1), date(2026, 1, 31))),
        (Days(date(2026, 3, 1), date(2026, 3, 30)), Days(date(2026, 2, 1), date(2026, 2, 28))),
        (Days(date(2026, 1, 1), date(2026, 1, 1)), Days(date(2025, 12, 1), date(2025, 12, 1))),
    ],
)
def test_cab_3_compares_the_beginning_of_a_month_with_the_same_days_of_the_month_before(
    days: Days, before: Days
) -> None:
    assert periods.before(days) == before


@given(st.text(max_size=50), st.text(max_size=50))
def test_cab_3_falls_back_to_this_month_for_anything_else(first: str, last: str) -> None:
    asked = periods.asked(first, last, TODAY)
    assert periods.everything(TODAY).first <= asked.days.first <= asked.days.last <= TODAY
