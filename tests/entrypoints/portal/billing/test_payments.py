"""The history of payments: what it finds, to whom, the files, the receipts, the saved cards."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import openpyxl
import pypdf
import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.lines.queries import Line
from abonent.domains.payments import models as cards_kept
from abonent.domains.payments.ports import BoundCard
from tests.factories import cabinet, identity, payments, statement
from tests.factories import topups as make
from tests.factories.statement import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def bank(settings: Any) -> Iterator[payments.Bank]:
    with time_machine.travel(NOW, tick=False):
        yield payments.open_bank(settings)


@pytest.fixture
def anna() -> Line:
    return cabinet.line()


@pytest.fixture
def client(anna: Line) -> Client:
    return identity.browser(anna)


def amounts(client: Client, query: str = "") -> list[str]:
    """Return the sums that the list shows, newest first."""
    page = client.get(f"/payments/{query}").content.decode().replace("\xa0", " ")
    return re.findall(r'<span class="amount[^"]*">([^<]*)</span>', page)


def some(anna: Line) -> None:
    statement.pay(anna, NOW - DAY, 100_00, "card", "MIR •• 4417")
    statement.pay(anna, NOW - 2 * DAY, 167_44, "sbp", "")
    statement.pay(anna, NOW - 40 * DAY, 300_00, "terminal", "")
    statement.pay(anna, NOW - 400 * DAY, 400_00, "autopay", "VISA •• 0090")
    statement.pay(anna, NOW - 401 * DAY, 500_00, "transfer in", "")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["+100,00 ₽", "+167,44 ₽", "+300,00 ₽", "+400,00 ₽", "+500,00 ₽"]),
        ("?search=167,44", ["+167,44 ₽"]),
        ("?search=167.44", ["+167,44 ₽"]),
        ("?search=4417", ["+100,00 ₽"]),
        ("?search=visa", ["+400,00 ₽"]),
        ("?search=300", ["+300,00 ₽"]),
        ("?search=%25", []),
        ("?search=_", []),
        ("?way=card", ["+100,00 ₽"]),
        ("?way=sbp&way=cash", ["+167,44 ₽", "+300,00 ₽"]),
        ("?way=other", ["+500,00 ₽"]),
        ("?way=card,sbp,cash,autopay,other", ["+100,00 ₽", "+167,44 ₽", "+300,00 ₽", "+400,00 ₽", "+500,00 ₽"]),
        ("?from=20.11.2026", ["+100,00 ₽", "+167,44 ₽"]),
        ("?to=2026-10-31", ["+300,00 ₽", "+400,00 ₽", "+500,00 ₽"]),
        ("?from=01.01.0001&to=31.12.2025", ["+400,00 ₽", "+500,00 ₽"]),
        ("?from=21.11.2026&to=21.11.2026&way=card", ["+100,00 ₽"]),
    ],
)
def test_cab_5_finds_payments_by_sum_card_day_and_way(client: Client, anna: Line, query: str, found: list[str]) -> None:
    some(anna)
    assert amounts(client, query) == found


def test_cab_5_finds_an_operation_by_its_number(client: Client, anna: Line) -> None:
    some(anna)
    payment_id = models.Payment.objects.get(amount_minor=300_00).id
    number = payment_id.hex[:12].upper()
    assert amounts(client, f"?search={number[:4]}-{number[4:8]}-{number[8:]}") == ["+300,00 ₽"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?from=31.02.2026", "Такого дня нет в календаре"),
        ("?from=tomorrow", "Введите день так:"),
        ("?from=23.11.2026", "Этот день ещё не наступил"),
        ("?from=22.11.2026&to=20.11.2026", "Последний день раньше первого"),
        ("?way=barter", "Выберите из способов на этой странице"),
        (f"?search={'x' * 41}", "до 40 знаков"),
        ("?from=%D9%A1%D9%A1", "Введите день так:"),
    ],
)
def test_cab_5_says_what_to_do_about_a_filter(client: Client, anna: Line, query: str, said: str) -> None:
    some(anna)
    text = cabinet.words(client, f"/payments/{query}")
    assert said in text
    assert "Ошибка:" in text
    assert amounts(client, query) == []
    assert client.get(f"/payments/payments.csv{query}")["Location"].startswith("/payments/?")


@pytest.mark.parametrize(
    "query",
    ["?search=%00", "?search=<script>alert(1)</script>", "?search=' or 1=1 --", "?older=x", "?newer=%00", "?from=%00",
     "?search=" + "%F0%9F%92%A9" * 10, "?older=AAAA&newer=BBBB", "?search=1&search=2", "?from=99999999999999999999"],
)  # fmt: skip
def test_sec_hostile_filters_find_nothing_and_break_nothing(client: Client, anna: Line, query: str) -> None:
    some(anna)
    page = client.get(f"/payments/{query}")
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_cab_5_leads_through_all_pages_and_back(client: Client, anna: Line) -> None:
    for number in range(75):
        statement.pay(anna, NOW - number * DAY / 3, 100_00 + number)
    seen, query = [], ""
    for _ in range(3):
        page = client.get(f"/payments/{query}").content.decode()
        seen += amounts(client, query)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        query = older[1].replace("&amp;", "&") if older else ""
    assert [int(text[1:].replace(",", "").removesuffix(" ₽")) for text in seen] == [100_00 + n for n in range(75)]
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer
    assert amounts(client, newer[1]) == seen[30:60]


def test_perf_asks_the_same_number_of_queries_whatever_there_is(
    client: Client, anna: Line, bank: payments.Bank
) -> None:
    first = statement.pay(anna, NOW - DAY)
    before = [cabinet.queries_of(client, one) for one in ("/payments/", f"/payments/{first}/", "/cards/")]
    some(anna)
    for number in range(40):
        statement.pay(anna, NOW - number * DAY)
    after = [cabinet.queries_of(client, one) for one in ("/payments/", f"/payments/{first}/", "/cards/")]
    assert before == after == [4, 7, 4]


def test_cab_5_shows_nothing_of_others_and_answers_their_receipts_like_missing_ones(client: Client, anna: Line) -> None:
    stranger = cabinet.line("+79000000999")
    theirs = statement.pay(stranger, NOW - DAY, 777_00)
    assert amounts(client) == []
    absent = uuid4()
    for path in ("/payments/{}/", "/payments/{}/receipt.pdf"):
        answers = [client.get(path.format(one)) for one in (theirs, absent)]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content.replace(str(theirs).encode(), b"") == answers[1].content.replace(
            str(absent).encode(), b""
        )
    for extension in ("csv", "pdf", "xlsx"):
        assert b"777" not in b"".join(client.get(f"/payments/payments.{extension}"))[:200]


def test_cab_5_what_was_paid_for_others_stands_there_apart(client: Client, anna: Line, bank: payments.Bank) -> None:
    boris = cabinet.line("+79000000055")
    theirs = identity.browser(boris)
    make.paid(bank, make.order(anna, to=boris.number, amount_minor=300_00))
    make.paid(bank, make.order(anna, amount_minor=100_00))
    text = cabinet.words(client, "/payments/")
    for said in ("За другой номер", "+7 900 000-00-55", "Пополнено 100,00 ₽", "За другие номера 300,00 ₽"):
        assert said in text, said
    seen = cabinet.words(theirs, "/payments/")
    assert "от номера на 0001" in seen
    assert "4321" not in seen


def test_cab_5_the_files_hold_what_the_page_shows(client: Client, anna: Line) -> None:
    some(anna)
    statement.pay(anna, NOW - 3 * DAY, 1_234_567_89, "card", "=cmd|' /C calc'!A0")
    table = list(
        csv.reader(io.StringIO(b"".join(client.get("/payments/payments.csv")).decode("utf-8-sig")), delimiter=";")
    )
    assert table[0] == ["Дата и время", "Что", "Как", "Номер операции", "Сумма, ₽"]
    assert [row[4] for row in table[1:]] == ["100,00", "167,44", "1234567,89", "300,00", "400,00", "500,00"]
    assert table[1][:3] == ["2026-11-21 12:00:00", "Пополнение", "Карта MIR •• 4417"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get("/payments/payments.xlsx?way=card"))))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert [row[4] for row in cells if isinstance(row[4], int | float)] == [100.0, 1234567.89]
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]
    pdf = pypdf.PdfReader(io.BytesIO(b"".join(client.get("/payments/payments.pdf?search=167,44"))))
    text = "".join(page.extract_text() for page in pdf.pages).replace("\xa0", " ")
    assert "167,44" in text
    assert "300,00" not in text


def test_cab_5_a_file_of_many_pages_numbers_them(client: Client, anna: Line) -> None:
    for number in range(120):
        statement.pay(anna, NOW - number * DAY)
    pdf = pypdf.PdfReader(io.BytesIO(b"".join(client.get("/payments/payments.pdf"))))
    text = [page.extract_text().replace("\xa0", " ") for page in pdf.pages]
    assert len(text) == 3
    assert "Страница 3 из 3" in text[-1]
    assert sum(page.count("500,00") for page in text) == 120


def test_cab_6_a_receipt_is_a_page_and_a_pdf(client: Client, anna: Line, bank: payments.Bank) -> None:
    topup_id = make.paid(bank, make.order(anna, amount_minor=167_44))
    text = cabinet.words(client, f"/payments/{topup_id}/")
    for said in ("Баланс пополнен", "167,44 ₽", "22 ноября 2026, 12:00", "Карта MIR •• 4321", "Баланс сейчас 167,44 ₽"):
        assert said in text, said
    answer = client.get(f"/payments/{topup_id}/receipt.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    pdf = pypdf.PdfReader(io.BytesIO(answer.content))
    paper = re.sub(r"\s+", " ", pdf.pages[0].extract_text())
    for said in ("Квитанция", "167,44", topup_id.hex[:4].upper(), f"/payments/{topup_id}/"):
        assert said in paper, said
    assert len(pdf.pages) == 1


def test_cab_6_a_receipt_says_what_went_back(client: Client, anna: Line, bank: payments.Bank) -> None:
    topup_id = make.paid(bank, make.order(anna))
    payments.refund(topup_id, 200_00)
    for address in (f"/payments/{topup_id}/", f"/topup/{topup_id}/"):
        assert "Возвращено 200,00 ₽" in cabinet.words(client, address)


def test_cab_6_a_receipt_from_elsewhere_has_its_page_too(client: Client, anna: Line) -> None:
    payment_id = statement.pay(anna, NOW - 40 * DAY, 300_00, "terminal", "")
    text = cabinet.words(client, f"/payments/{payment_id}/")
    for said in ("300,00 ₽", "Терминал", "+7 900 000-00-01"):
        assert said in text, said


@pytest.fixture
def cards(client: Client, anna: Line, bank: payments.Bank) -> list[int]:
    """Two saved cards of Anna's: one good, one that ends this month."""
    payer = make.account_id(anna)
    kept = [
        payments.saved_card(bank, payer_id=payer, card=BoundCard(f"t{ends}", "MIR", digits, ends))
        for digits, ends in (("4417", date(2029, 12, 31)), ("7781", date(2026, 11, 30)))
    ]
    assert len(set(kept)) == 2
    return kept


def test_cab_6_lists_saved_cards(client: Client, cards: list[int]) -> None:
    text = cabinet.words(client, "/cards/")
    for said in ("MIR •• 4417", "до 12/29", "MIR •• 7781", "до 11/26"):
        assert said in text, said
    assert "Истекла" not in text
    stranger = identity.browser(cabinet.line("+79000000777"))
    assert "Сохранённых карт нет" in cabinet.words(stranger, "/cards/")


def test_cab_6_an_expired_card_is_said_and_cannot_be_chosen(client: Client, anna: Line, cards: list[int]) -> None:
    cards_kept.Card.objects.filter(id=cards[1]).update(expires_on=NOW.date() - DAY)
    assert "Истекла" in cabinet.words(client, "/cards/")
    page = client.get("/topup/").content.decode()
    assert f'value="card-{cards[1]}" disabled' in page
    assert "Срок карты истёк" in cabinet.words(client, f"/topup/confirm/?amount=500&way=card-{cards[1]}")


def test_cab_6_offers_the_chosen_card_first(client: Client, cards: list[int]) -> None:
    assert client.post("/cards/first/", {"card": cards[0]})["Location"] == "/cards/?first"
    assert "Основная" in cabinet.words(client, "/cards/")
    assert f'value="card-{cards[0]}" checked' in client.get("/topup/").content.decode()


def test_cab_6_removes_a_card_here_and_at_the_bank_after_asking(
    client: Client, cards: list[int], bank: payments.Bank
) -> None:
    assert "Удалить MIR •• 4417?" in cabinet.words(client, f"/cards/remove/?card={cards[0]}")
    for _ in range(2):
        assert client.post("/cards/remove/", {"card": cards[0]})["Location"] == "/cards/?removed"
    assert "4417" not in cabinet.words(client, "/cards/?removed")
    assert client.get(f"/cards/remove/?card={cards[0]}").status_code == 404


def test_sec_another_persons_card_is_not_there(cards: list[int], bank: payments.Bank) -> None:
    stranger = identity.browser(cabinet.line("+79000000055"))
    for card in (cards[0], 10**9, "x", ""):
        assert stranger.get("/cards/remove/", {"card": card}).status_code == 404
        assert stranger.post("/cards/first/", {"card": card}).status_code == 404
        assert stranger.post("/cards/remove/", {"card": card})["Location"] == "/cards/?removed"
    assert cards_kept.Card.objects.filter(forgotten_at=None).count() == 2
    assert not models.UsualCard.objects.exists()
