"""Pages of bills: the list, one bill, the paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from pypdf import PdfReader

from abonent.domains.billing.bills import actions as bills
from abonent.domains.billing.bills.rules import Bill
from abonent.domains.customers import models as customers
from abonent.domains.lines.queries import Line
from tests.factories import bills as make
from tests.factories import cabinet, identity
from tests.factories.bills import local

NOW = datetime(2026, 12, 9, 9, tzinfo=UTC)
NUMBER = "+79000000001"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


def billed(number: str = NUMBER, amount_minor: int = 65_000) -> tuple[Line, Bill]:
    line = make.line(number)
    make.charge(line, local(2026, 11, 5), amount_minor)
    make.charge(line, local(2026, 11, 6), 1_230, "calls")
    make.pay(line, local(2026, 11, 12), 10_000, "sbp", "•• 4417")
    [bill] = [bill for bill in make.issue(date(2026, 11, 1)) if bill.contract_id == line.contract_id]
    return line, bill


def text_of(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_cab_5_the_newest_bill_asks_for_exactly_what_is_left() -> None:
    line, bill = billed()
    client = identity.browser(line)
    page = cabinet.words(client, "/bills/")
    assert "К оплате до 20 декабря 562 ,30 ₽ Оплатить 562,30 ₽" in page
    assert f"Ноябрь 2026 {bill.number} Оплатить до 20 декабря" in page
    assert 'href="/topup/?amount=562.30"' in client.get("/bills/").content.decode()
    make.pay(line, local(2026, 12, 5), 60_00)
    assert "Оплатить 502,30 ₽" in cabinet.words(client, f"/bills/{bill.id}/")
    make.pay(line, local(2026, 12, 6), 502_30)
    paid = cabinet.words(client, f"/bills/{bill.id}/")
    assert "Оплачен" in paid
    assert "Оплатить" not in paid


def test_cab_5_a_bill_is_due_to_the_end_of_its_day_and_overdue_after_it(today: time_machine.Coordinates) -> None:
    line, bill = billed()
    today.move_to(local(2026, 12, 20, 23, 59))
    assert "Оплатить сегодня" in cabinet.words(identity.browser(line), f"/bills/{bill.id}/")
    today.move_to(local(2026, 12, 22, 0, 1))
    page = cabinet.words(identity.browser(line), f"/bills/{bill.id}/")
    assert "Просрочен на 2 дня" in page
    assert "Просрочен с 20 декабря" in page


def test_cab_5_an_older_bill_is_not_paid_twice() -> None:
    line, bill = billed()
    make.charge(line, local(2026, 12, 1), 100)
    with time_machine.travel(local(2027, 1, 5), tick=False):
        make.issue(date(2026, 12, 1))
        client = identity.browser(line)
        page = cabinet.words(client, f"/bills/{bill.id}/")
        assert "Остаток этого счёта вошёл в новый" in page
        assert "Оплатить" not in page
        listed = cabinet.words(client, "/bills/")
        assert "Вошёл в следующий счёт" in listed
        assert listed.count("Оплатить 563,30 ₽") == 1


def test_cab_5_a_bill_shows_what_it_is_made_of() -> None:
    line, bill = billed()
    page = cabinet.words(identity.browser(line), f"/bills/{bill.id}/")
    for part in (
        "Счёт за ноябрь 2026", "Остаток на начало месяца 0,00 ₽", "Начислено, с НДС 662,30 ₽", "Пополнено 100,00 ₽",
        "+7 900 000-00-01 662,30 ₽", "Абонентская плата 1 650,00 ₽ 117,21 ₽", "Звонки 1 12,30 ₽ 2,22 ₽",
        "Всего 662,30 ₽ 119,43 ₽", "НДС 22 % в сумме 662,30 ₽: 119,43 ₽", "•• 4417",
        "+100,00 ₽", "Орлова Анна Ивановна", bill.number,
    ):  # fmt: skip
        assert part in page, part


def test_cab_5_the_paper_has_what_the_page_has_in_both_languages() -> None:
    line, bill = billed()
    client = identity.browser(line)
    response = client.get(f"/bills/{bill.id}/bill.pdf")
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert "attachment" in response["Content-Disposition"]
    reader = PdfReader(BytesIO(response.content))
    assert len(reader.pages) == 1
    assert (round(reader.pages[0].mediabox.width), round(reader.pages[0].mediabox.height)) == (595, 842)
    text = text_of(response.content)
    for part in ("Счёт за ноябрь 2026", f"№ {bill.number}", "Орлова Анна Ивановна", "ИНН 7700000000", "662,30 ₽",
                 "117,21 ₽", "НДС 22 % в сумме 662,30 ₽: 119,43 ₽", "К оплате до 20 декабря 2026", "562,30 ₽",
                 "12 ноября 2026", "Страница 1 из 1"):  # fmt: skip
        assert part in text, part
    client.get("/language/?to=en&next=/bills/")
    english = text_of(client.get(f"/bills/{bill.id}/bill.pdf").content)
    assert "Bill for November 2026" in english
    assert "₽562.30" in english or "562.30" in english


def test_cab_5_a_name_that_looks_like_markup_is_a_name_on_paper() -> None:
    line, _ = billed()
    customers.Party.objects.filter(id=line.party_id).update(family_name='#set *x* _y_ $z$ \\ "<a>')
    make.charge(line, local(2026, 12, 1), 100)
    with time_machine.travel(local(2027, 1, 5), tick=False):
        [bill] = make.issue(date(2026, 12, 1))
        client = identity.browser(line)
        assert '#set *x* _y_ $z$ \\ "<a> Анна' in text_of(client.get(f"/bills/{bill.id}/bill.pdf").content)
        assert "#set *x*" in cabinet.words(client, f"/bills/{bill.id}/")


def test_cab_5_a_long_bill_goes_on_on_the_next_page() -> None:
    line = make.line(NUMBER)
    others = [make.line(f"+7900000{number:04}", of=line) for number in range(100, 130)]
    for other in others:
        for category in ("fee", "calls", "messages"):
            make.charge(other, local(2026, 11, 5), 100, category)
    [bill] = make.issue(date(2026, 11, 1))
    reader = PdfReader(BytesIO(identity.browser(line).get(f"/bills/{bill.id}/bill.pdf").content))
    assert len(reader.pages) > 2
    assert f"Страница 2 из {len(reader.pages)}" in reader.pages[1].extract_text()
    assert "В том числе НДС" in reader.pages[1].extract_text(), "the head of the table comes again"


def test_cab_5_a_corrected_bill_says_so_on_both_documents() -> None:
    line, old = billed()
    make.charge(line, local(2026, 11, 30), 500, "roaming")
    client = identity.browser(line)
    new = bills.correct(number=old.number, reason="Не учтён роуминг", at=NOW)
    before = cabinet.words(client, f"/bills/{old.id}/")
    assert f"Этот счёт заменён счётом {new.number}." in before
    assert "Оплатить" not in before
    after = cabinet.words(client, f"/bills/{new.id}/")
    assert f"Он заменяет счёт {old.number}. Причина: Не учтён роуминг" in after
    assert "Оплатить 567,30 ₽" in after
    assert f"Он заменяет счёт {old.number}." in text_of(client.get(f"/bills/{new.id}/bill.pdf").content)
    assert f"Заменён счётом {new.number}" in cabinet.words(client, "/bills/")


def test_cab_5_who_pays_in_advance_is_told_what_there_is_instead() -> None:
    page = cabinet.words(identity.browser(make.line(NUMBER, payment="prepaid")), "/bills/")
    assert "Вы платите вперёд, поэтому счетов нет" in page
    assert "акт сверки" in page
    new = cabinet.words(identity.browser(make.line("+79000000002")), "/bills/")
    assert "Счетов пока нет. Первый придёт в начале месяца" in new


def test_cab_5_anothers_bill_is_not_there() -> None:
    _, bill = billed()
    stranger = identity.browser(make.line("+79000000002"))
    for address in (f"/bills/{bill.id}/", f"/bills/{bill.id}/bill.pdf", "/bills/999999999/", f"/bills/{10**25}/"):
        assert stranger.get(address).status_code == 404, address
    assert Client().get(f"/bills/{bill.id}/")["Location"] == f"/login/?next=%2Fbills%2F{bill.id}%2F"
    for address in ("/bills/-1/", "/bills/x/", "/bills/1e3/"):
        assert stranger.get(address).status_code == 404, address


def test_cab_5_a_child_on_the_contract_does_not_see_what_the_others_cost() -> None:
    line, bill = billed()
    child = identity.browser(make.line("+79000000002", of=line))
    assert child.get(f"/bills/{bill.id}/").status_code == 404
    page = cabinet.words(child, "/bills/")
    assert "Счета по договору видит тот, кто входит с основным номером" in page
    assert bill.number not in page


@pytest.mark.parametrize("address", ["/bills/", "/bills/{bill}/", "/bills/{bill}/bill.pdf"])
def test_cab_5_a_page_of_bills_asks_the_database_few_times(address: str) -> None:
    line, bill = billed()
    for month in range(1, 9):
        make.charge(line, local(2026, month, 5), 100)
    client = identity.browser(line)
    assert cabinet.queries_of(client, address.format(bill=bill.id)) <= 8


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_cab_5_nothing_can_be_sent_to_a_bill(method: str) -> None:
    line, bill = billed()
    client = identity.browser(line)
    for address in ("/bills/", f"/bills/{bill.id}/", f"/bills/{bill.id}/bill.pdf", "/account/", "/account/act/"):
        assert getattr(client, method)(address).status_code == 405, address
    assert re.search(r"562,30", cabinet.words(client, "/bills/"))
