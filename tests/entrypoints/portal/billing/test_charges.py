"""Coming charges as their page shows them, and fees by day and part in statement, expenses and on the home page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import actions
from abonent.domains.catalog.rules import FeeTerms
from abonent.domains.lines.queries import Line
from tests.factories import billing, cabinet, customers, identity, lines
from tests.factories.fees import BY_DAYS, DAILY_WAITS, IN_PARTS, WAITS, WHOLE_MONTH, tariff, top_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

# Noon in Moscow; the period starts on the 12th.
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OPENED = datetime(2026, 10, 12, 9, tzinfo=UTC)
PAGE = "/charges/"
QUERIES_MAX = 14


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def a_line(terms: FeeTerms, fee_minor: int, money: int = 0, payment: str = "prepaid") -> Line:
    version_id = tariff(terms, fee_minor)
    contract_id = customers.contract(payment=payment)
    line = lines.line(
        number="+79000000031", contract_id=contract_id, tariff_version_id=version_id, period_day=12, opened_at=OPENED
    )
    if money:
        top_up(contract_id, money, OPENED)
    actions.charge_fees(until=NOW)
    return line


def test_ops_4_says_when_how_much_and_what_is_missing() -> None:
    # Two months of 650 are paid; 482.56 is left for the third.
    text = cabinet.words(identity.browser(a_line(WHOLE_MONTH, 65_000, 178_256)), PAGE)
    assert "12 декабря Плата по тарифу «Малый» 650,00 ₽ Не хватит 167,44 ₽" in text
    assert "До 22 декабря спишется 650,00 ₽. Не хватает 167,44 ₽" in text
    assert "Плата по тарифу за месяц" in text
    assert "За 12 декабря – 11 января 2027." in text
    assert "баланс уйдёт в минус" in text
    assert "Условия тарифа действуют с 1 января 2024." in text


def test_the_sum_that_is_missing_is_offered_to_be_paid() -> None:
    page = identity.browser(a_line(WHOLE_MONTH, 65_000, 178_256)).get(PAGE).content.decode()
    assert 'href="/topup/?amount=167.44"' in page


def test_with_enough_money_it_says_what_is_left_afterwards() -> None:
    text = cabinet.words(identity.browser(a_line(WHOLE_MONTH, 65_000, 200_000)), PAGE)
    assert "650,00 ₽ Баланс после: 50,00 ₽" in text
    assert "Денег хватает." in text
    assert "Не хвата" not in text


def test_ops_4_days_that_are_paid_and_days_that_will_wait_stand_apart() -> None:
    # 42 days of 20 are charged; 200 are left: ten days of the thirty to come.
    text = cabinet.words(identity.browser(a_line(DAILY_WAITS, 2_000, 104_000)), PAGE)
    assert "23 ноября – 2 декабря Плата по тарифу «Малый» 200,00 ₽ Баланс после: 0,00 ₽" in text
    assert "20,00 ₽ в день × 10 дней = 200,00 ₽" in text
    assert "3–22 декабря Плата по тарифу «Малый» 400,00 ₽ Не хватит 400,00 ₽" in text


def test_ops_4_a_fee_that_waits_is_said_there_and_on_the_home_page() -> None:
    browser = identity.browser(a_line(WAITS, 65_000, 20_000))
    text = cabinet.words(browser, PAGE)
    assert "Сегодня, 22 ноября Плата по тарифу «Малый», ждёт денег 650,00 ₽ Не хватит 450,00 ₽" in text
    home = cabinet.words(browser, "/home/")
    assert "Обслуживание приостановлено: 650,00 ₽ за тариф «Малый» ждут денег с 12 ноября. Не хватает 450,00 ₽" in home
    assert "Предстоящие списания" in home


def test_a_month_paid_by_day_shows_the_days_to_come() -> None:
    text = cabinet.words(identity.browser(a_line(IN_PARTS, 31_000, 36_000)), PAGE)
    assert "31" in text
    assert re.search(r"310,00 ₽ в месяц × \d+ из 30 дней = ", text)


def test_who_pays_by_bill_lacks_nothing() -> None:
    text = cabinet.words(identity.browser(a_line(WHOLE_MONTH, 65_000, payment="postpaid")), PAGE)
    assert "Вы платите по счёту: пополнять заранее не нужно." in text
    assert "Не хвата" not in text
    assert "Вы платите потом, по счёту." in text


def test_numbers_of_a_contract_are_told_of_together_and_each() -> None:
    line = a_line(WHOLE_MONTH, 65_000, 500_000)
    cabinet.another(line, "+79000000032", "svetlyachok")
    actions.charge_fees(until=NOW)
    text = cabinet.words(identity.browser(line), PAGE)
    assert "По номерам и подключениям" in text
    assert "+7 900 000-00-31 650,00 ₽" in text
    assert "+7 900 000-00-32 350,00 ₽" in text
    assert "Всего 1 000,00 ₽" in text


def test_another_number_of_the_contract_is_counted_and_not_named() -> None:
    line = a_line(WHOLE_MONTH, 65_000, 500_000)
    child = cabinet.another(line, "+79000000032", "svetlyachok")
    actions.charge_fees(until=NOW)
    text = cabinet.words(identity.browser(child), PAGE)
    assert "Другое по договору" in text
    assert "Остальное по договору 650,00 ₽" in text
    assert "000-00-31" not in text


def test_a_tariff_without_a_fee_says_that_nothing_comes() -> None:
    text = cabinet.words(identity.browser(a_line(WHOLE_MONTH, 0)), PAGE)
    assert "Само ничего не спишется" in text
    assert "У тарифа нет абонентской платы" in text


def test_the_page_takes_a_constant_number_of_queries() -> None:
    line = a_line(WHOLE_MONTH, 65_000, 20_000)
    browser = identity.browser(line)
    browser.get(PAGE)
    alone = cabinet.queries_of(browser, PAGE)
    for number in range(5):
        cabinet.another(line, f"+7900000004{number}", "legky")
    assert cabinet.queries_of(browser, PAGE) == alone
    assert alone <= QUERIES_MAX


def test_it_is_there_in_english_and_only_for_who_signed_in() -> None:
    assert Client().get(PAGE).status_code == 302
    browser = identity.browser(a_line(WHOLE_MONTH, 65_000, 178_256))
    browser.cookies["language"] = "en"
    text = cabinet.words(browser, PAGE)
    assert "December 12 Fee of the tariff “Small” 650.00 ₽ Short by 167.44 ₽" in text
    assert "For December 12 – January 11, 2027." in text
    assert browser.post(PAGE).status_code == 405


def test_ops_4_statement_and_expenses_say_for_how_many_days_a_fee_was() -> None:
    line = a_line(BY_DAYS, 31_000, 200_000)
    lines.change_tariff(line, datetime(2026, 11, 21, 9, tzinfo=UTC), tariff(BY_DAYS, 62_000))
    actions.charge_fees(until=NOW)
    browser = identity.browser(line)
    text = cabinet.words(browser, "/statement/")
    assert "Возврат абонентской платы Тариф «Малый», 20 из 30 дней +206,67 ₽" in text
    assert "Абонентская плата Тариф «Малый», 20 из 30 дней −413,34 ₽" in text
    home = cabinet.words(browser, "/home/")
    assert "Возврат абонентской платы 20 дней" in home
    # 310 of October are the month before; November is 310 − 206.67 + 413.34.
    assert "Абонентская плата 3 100 % 516,67 ₽" in cabinet.words(browser, "/expenses/?from=2026-11-01&to=2026-11-22")
    [(back,)] = billing.rows("select id from billing_charge where amount_minor < 0")
    why = cabinet.words(browser, f"/statement/charge/{back}/")
    assert "310,00 ₽ в месяц × 20 из 30 дней, которые не понадобились = возврат 206,67 ₽" in why
    assert "Дни 22 ноября – 11 декабря" in why
