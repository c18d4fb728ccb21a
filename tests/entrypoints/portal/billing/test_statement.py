"""The statement's page: what it shows, to whom, and what a hostile hand gets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import identity
from tests.factories import statement as make
from tests.factories.statement import NOW, Used

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def anna() -> tuple[Client, make.lines.Line]:
    line = make.line()
    return identity.browser(line), line


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (response.status_code, response.get("Location"))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode().replace("\xa0", " ")))


def test_cab_4_shows_each_entry_with_what_it_cost(anna: tuple[Client, make.lines.Line]) -> None:
    client, line = anna
    make.use(
        line,
        [
            Used(NOW - DAY, peer="+79123456789", duration_s=332, amount_minor=1250),
            Used(NOW - 2 * DAY, make.DATA, peer="", duration_s=0, bytes=13 * 1024**2, amount_minor=0, included=10),
            Used(NOW - 3 * DAY, make.SMS, 2, "900", 0, units=1, zone="kz", amount_minor=600),
        ],
    )
    make.fee(line, NOW - 4 * DAY)
    make.pay(line, NOW - 5 * DAY)
    text = text_of(client, "/statement/")
    for words in (
        "Исходящий звонок", "+7 912 345-67-89", "5 мин 32 с", "−12,50 ₽", "13 МБ", "В пакете", "Входящее SMS",
        "Казахстан", "−650,00 ₽", "Тариф «Свободный»", "+500,00 ₽", "•• 4417", "Вчера",
    ):  # fmt: skip
        assert words in text, words


def test_sec_asks_for_a_fresh_proof(anna: tuple[Client, make.lines.Line]) -> None:
    client, line = anna
    address = make.use(line, [Used(NOW - DAY, amount_minor=100)])[0].charge_id
    with time_machine.travel(NOW + timedelta(minutes=40), tick=False):
        for path in ("/statement/?search=900", f"/statement/charge/{address}/", "/statement/statement.csv"):
            response = client.get(path)
            assert response.status_code == 302
            assert response["Location"].startswith("/login/confirm/?next=")
    assert Client().get("/statement/")["Location"].startswith("/login/?next=")


def test_cab_4_explains_a_charge(anna: tuple[Client, make.lines.Line]) -> None:
    client, line = anna
    [used] = make.use(line, [Used(NOW - DAY, peer="+79001112233", amount_minor=250)])
    text = text_of(client, f"/statement/charge/{used.charge_id}/")
    for words in ("Почему 2,50 ₽", "+7 900 111-22-33", "1 мин 5 с", "Свободный", used.record_id):
        assert words in text, words
    fee = make.fee(line, NOW - DAY)
    assert "Абонентская плата" in text_of(client, f"/statement/charge/{fee}/")


def test_sec_answers_another_persons_charge_as_a_missing_page(anna: tuple[Client, make.lines.Line]) -> None:
    client, _ = anna
    stranger = make.line("+79000000999")
    [used] = make.use(stranger, [Used(NOW - DAY, amount_minor=250)])
    absent = uuid4()
    theirs, nobodys = (client.get(f"/statement/charge/{id_}/") for id_ in (used.charge_id, absent))
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content.replace(str(used.charge_id).encode(), b"") == nobodys.content.replace(
        str(absent).encode(), b""
    )


def test_sec_never_shows_what_others_did(anna: tuple[Client, make.lines.Line]) -> None:
    client, line = anna
    stranger = make.line("+79000000999")
    make.use(stranger, [Used(NOW - DAY, peer="+79998887766", amount_minor=250)])
    make.pay(stranger, NOW - DAY, 77700)
    make.use(line, [Used(NOW - DAY, peer="+79001112233", amount_minor=250)])
    for address in ("/statement/", "/statement/?search=9998887766", "/statement/statement.csv"):
        content = b"".join(client.get(address)).decode()
        assert "888-77-66" not in content
        assert "777,00" not in content


def test_perf_asks_the_same_number_of_queries_whatever_there_is(anna: tuple[Client, make.lines.Line]) -> None:
    client, line = anna
    counts = []
    for records in (1, 400):
        make.life(line, 0, seed=records)
        make.use(line, [Used(NOW - DAY, record_id=f"{records}-{n}", amount_minor=n) for n in range(records)])
        with CaptureQueriesContext(connection) as queries:
            text_of(client, "/statement/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_cab_4_leads_through_all_pages_and_back(anna: tuple[Client, make.lines.Line]) -> None:
    client, line = anna
    make.use(line, [Used(NOW - n * timedelta(minutes=7), peer=f"+7911{n:07}", record_id=f"{n:03}") for n in range(120)])
    address, seen = "/statement/?search=%2B7911", []
    while address:
        page = client.get(address).content.decode()
        seen.append(re.findall(r"\+7\xa0911\xa0(\d{3}-\d\d-\d\d)", page))
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = f"/statement/{found[1].replace('&amp;', '&')}" if found else ""
    assert [len(rows) for rows in seen] == [50, 50, 20]
    assert len({row for rows in seen for row in rows}) == 120
    back = re.search(r'rel="prev" href="([^"]+)"', page)
    assert back
    page = client.get(f"/statement/{back[1].replace('&amp;', '&')}").content.decode()
    assert re.findall(r"\+7\xa0911\xa0(\d{3}-\d\d-\d\d)", page) == seen[1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=31.02", "Такого дня нет в календаре"),
        ("to=вчера", "Введите день так: 22.11.2026"),
        ("from=2020-01-01", "выберите день с 22.08.2026"),
        ("to=2027-01-01", "ещё не наступил"),
        ("from=2026-11-20&to=2026-11-10", "раньше первого"),
        ("type=gossip", "Выберите виды"),
        ("search=1", "не меньше 2"),
        ("search=" + "я" * 10_000, "до 40"),
        ("older=garbage", "Вот её начало"),
        ("newer=AAAA", "Вот её начало"),
        ("page=-1", "Детализация"),
        ("search=%00%00", "Детализация"),
    ],
)
def test_bad_input_gets_clear_words_and_keeps_what_was_typed(
    anna: tuple[Client, make.lines.Line], query: str, words: str
) -> None:
    client, line = anna
    make.use(line, [Used(NOW - DAY)])
    assert words in text_of(client, f"/statement/?{query}")
    page = client.get(f"/statement/?{query}").content.decode()
    name, value = query.split("&")[0].split("=")
    if name in ("from", "to", "search") and "%" not in value:
        assert f'value="{value}"' in page


NAUGHTY = [
    "undefined",
    "NULL",
    "-1",
    "1e309",
    "0x0",
    "９９９",
    "١٢٣٤",
    "१२३",
    "፩፪፫",
    "½",
    "Ω≈ç√∫˜µ≤≥÷",
    "ÅÍÎÏ˝ÓÔ",
    "田中さんにあげて下さい",
    "表ポあA鷗",
    "ﷺ",
    "\u202etest\u202c",
    "\u200b\u200b",
    "\ufeff",
    "\ud7ff",
    "👾 🙇",
    "🇺🇸🇷",
    "T̫̺̳o̬̜ ̩̟",
    "<script>alert(1)</script>",
    "'; drop table usage_record; --",
    "%s%s%n",
    "{{ 7*7 }}",
    "${jndi:ldap://x}",
    "../../etc/passwd",
    "\\",
    "%",
    "_",
    "\x00",
    "\x07\x1b[31m",
    "a" * 10_000,
    "=cmd|' /C calc'!A0",
    "+",
    "--",
    "()",
    "1/0",
    "NaN",
    "31.12",
    "2026-13-45",
    "9999-99-99",
    "0000-00-00",
    "\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("naughty", NAUGHTY, ids=range(len(NAUGHTY)))
def test_bad_input_no_naughty_string_breaks_any_field(anna: tuple[Client, make.lines.Line], naughty: str) -> None:
    client, line = anna
    make.use(line, [Used(NOW - DAY, peer="%_\\")])
    for field in ("search", "from", "to", "type", "older", "newer", "page", "line"):
        response = client.get("/statement/", {field: naughty})
        assert response.status_code == 200, field
        assert b"<script>alert" not in response.content
        file = client.get("/statement/statement.csv", {field: naughty})
        assert file.status_code in (200, 302)
        b"".join(file)


def test_ux_an_empty_statement_says_why_and_what_next(anna: tuple[Client, make.lines.Line]) -> None:
    client, line = anna
    assert 'href="/home/"' in client.get("/statement/").content.decode()
    make.use(line, [Used(NOW - DAY)])
    assert "Показать всё за три месяца" in text_of(client, "/statement/?search=55555")


def test_ux_speaks_english_fully(anna: tuple[Client, make.lines.Line]) -> None:
    client, line = anna
    make.life(line, 60)
    client.cookies["language"] = "en"
    for address in ("/statement/", "/statement/?search=1", "/statement/?search=99999999"):
        assert not re.search(r"[а-яё]{3}", re.sub(r"Русский|Гороскоп на день", "", text_of(client, address)))


def test_cab_4_explains_a_content_service_in_the_language_of_the_page(anna: tuple[Client, make.lines.Line]) -> None:
    client, line = anna
    [used] = make.use(
        line,
        [Used(NOW - DAY, make.CONTENT, peer="Гороскоп на день", rule="content-horoscope", units=1, amount_minor=390)],
    )
    client.cookies["language"] = "en"
    text = text_of(client, f"/statement/charge/{used.charge_id}/")
    assert "Daily horoscope" in text
    assert not re.search("[А-Яа-я]", text.replace("Русский", ""))


def test_cab_4_folds_the_filters_until_something_is_filtered_by(anna: tuple[Client, make.lines.Line]) -> None:
    client, _ = anna
    opened = '<details class="card more filters" open>'
    for query in ("", "?from=2026-11-22&to=2026-11-22", "?from=2026-11-01&to=2026-11-22"):
        assert opened not in client.get(f"/statement/{query}").content.decode(), query
    for query in ("?search=900", "?type=calls", "?from=2026-11-03&to=2026-11-04", "?from=31.02"):
        assert opened in client.get(f"/statement/{query}").content.decode(), query
    assert "Фильтры Звонки, 900" in text_of(client, "/statement/?type=calls&search=900")
