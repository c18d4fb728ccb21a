"""Tariffs on their pages: on sale by purpose, one beside one's own, and what each would have cost (CAB-10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from abonent.demo import catalogue
from abonent.domains.billing import actions as billing_actions
from abonent.domains.catalog import actions as catalog
from abonent.domains.catalog import models
from abonent.domains.lines.queries import Line
from abonent.domains.usage.rules import Direction, Kind
from tests.factories import billing, cabinet, customers, identity, lines
from tests.factories.billing import Use
from tests.factories.catalog import of_the_demo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OPENED = datetime(2026, 2, 5, 9, tzinfo=UTC)
LIST, COMPARE = "/tariffs/", "/tariffs/compare/"
QUERIES_MAX = 14


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def on_sale() -> None:
    """Publish everything that the fictional operator sells, with its words."""
    catalog.set_geography(catalogue.geography())
    for version in catalogue.tariffs():
        catalog.publish(version)
        russian, english = catalogue.ABOUT[version.tariff_code]
        catalog.present(
            tariff_code=version.tariff_code,
            about={"ru": russian, "en": english},
            sold_until=catalogue.SOLD_UNTIL.get(version.tariff_code),
        )


def a_line(code: str = "svobodny", service: str = "mobile", opened_at: datetime = OPENED) -> Line:
    on_sale()
    return lines.line(
        number="+79000000051", contract_id=customers.contract(), tariff_version_id=of_the_demo(code), period_day=5,
        opened_at=opened_at, service=service,
    )  # fmt: skip


def used(line: Line) -> Line:
    """Let the line call 20 hours in September, of which 800 minutes are in the package, and pay its fees."""
    at = datetime(2026, 9, 7, 9, tzinfo=UTC)
    billing.use(
        *(Use(line.number, at.replace(day=7 + hour), duration_s=3600) for hour in range(20)),
        Use(line.number, at, kind=Kind.DATA, peer="", duration_s=0, bytes=40 * catalogue.GIGABYTE),
        Use(line.number, at, direction=Direction.IN),
        Use(line.number, at, kind=Kind.CONTENT, peer="Кино на вечер", duration_s=0, units=1),
    )
    billing_actions.charge_fees(until=NOW)
    return line


def test_cab_10_the_own_tariff_stands_first_and_the_others_by_purpose() -> None:
    text = cabinet.words(identity.browser(a_line()), LIST)
    order = ["Ваш тариф «Свободный»", "Для телефонов", "Для планшетов и компьютеров", "Для особых случаев"]
    assert sorted(order, key=text.index) == order
    assert "650,00 ₽ в месяц" in text
    assert "30 ГБ · 800 мин · 100 SMS" in text
    assert "Дрейф 790,00 ₽ в месяц 50 ГБ, потом до 1 Мбит/с · 1 000 мин · 100 SMS" in text
    assert "Искорка 4,00 ₽ в день" in text
    assert "Попутный Без абонентской платы Без пакетов" in text
    assert "Рассвет" not in text
    assert "Дом 100" not in text


def test_cab_10_an_archived_tariff_is_shown_to_who_has_it_and_is_not_there_for_others() -> None:
    holder = identity.browser(a_line("rassvet"))
    text = cabinet.words(holder, LIST)
    assert "Ваш тариф «Рассвет»" in text
    assert "больше не продаётся" in text
    assert "Не продаётся с 1 февраля 2025" in cabinet.words(holder, "/tariffs/rassvet/")
    other = lines.line(number="+79000000052", tariff_version_id=of_the_demo("legky"))
    browser = identity.browser(other)
    assert browser.get("/tariffs/rassvet/").status_code == 404
    assert browser.get(f"{COMPARE}rassvet/2026-10/").status_code == 404
    assert "Рассвет" not in cabinet.words(browser, LIST) + cabinet.words(browser, COMPARE)


def words_of_a_missing(browser: Client, address: str) -> str:
    """Return all the words of a page that is not there."""
    answer = browser.get(address)
    assert answer.status_code == 404
    return re.sub(r"<[^>]+>", " ", answer.content.decode())


@pytest.mark.parametrize(
    "address",
    [
        "/tariffs/no-such-tariff/", "/tariffs/ekran/", "/tariffs/compare/svobodny/2026-11/",
        "/tariffs/compare/svobodny/2026-07/", "/tariffs/compare/svobodny/10/", "/tariffs/compare/no-such/2026-10/",
        "/tariffs/compare/svobodny/2026-13/", "/tariffs/compare/ekran/2026-10/",
    ],
)  # fmt: skip
def test_cab_10_what_is_not_there_and_what_is_anothers_answer_alike(address: str) -> None:
    """No such tariff, one of another service, a month that has not ended, is too old, or is none."""
    browser = identity.browser(a_line())
    said = {words_of_a_missing(browser, one) for one in (address, "/tariffs/nothing-at-all/", "/nothing-at-all/")}
    assert len(said) == 1


def test_cab_10_a_tariff_is_compared_row_by_row_in_words() -> None:
    text = cabinet.words(identity.browser(a_line()), "/tariffs/legky/")
    assert "Что Лёгкий У вас: Свободный Для вас Плата 390,00 ₽ в месяц У вас: 650,00 ₽ в месяц Лучше" in text
    assert "Пакет интернета 8 ГБ У вас: 30 ГБ Хуже" in text
    assert "Пакет минут 300 мин У вас: 800 мин Хуже" in text
    assert "Лучше: 1, хуже: 3, так же:" in text
    assert re.search(
        r"Что останется как есть .*Исходящие звонки · Абоненты «Орбиты» · сверх пакета 2,00 ₽ за минуту", text
    )
    assert "Исходящие звонки · Турция 25,00 ₽ за минуту" in text
    assert "Кино на вечер 199,00 ₽ за раз" in text
    assert "Перейти на этот тариф" in text


def test_cab_10_the_own_tariff_tells_everything_it_costs() -> None:
    text = cabinet.words(identity.browser(a_line("iskorka")), "/tariffs/iskorka/")
    assert "Ваш тариф" in text
    assert "Плата 4,00 ₽ в день" in text
    assert "Интернет · сверх пакета 0,10 ₽ за 1 МБ" in text
    assert "Что для вас изменится" not in text
    assert "Сменить тариф" not in text


def test_cab_10_newer_terms_of_the_own_tariff_are_compared_with_those_one_has() -> None:
    line = a_line()
    newer = replace(catalogue.tariffs()[0], valid_from=date(2026, 11, 1), fee_minor=70_000)
    catalog.publish(newer)
    browser = identity.browser(line)
    assert "Плата 700,00 ₽ в месяц У вас: 650,00 ₽ в месяц Хуже" in cabinet.words(browser, "/tariffs/svobodny/")
    text = cabinet.words(browser, COMPARE)
    assert "Свободный · ваш тариф 650,00 ₽ в месяц" in text
    assert "Свободный 700,00 ₽ в месяц" in text


def test_cab_10_says_what_each_tariff_would_have_cost_and_why() -> None:
    """September really cost 650 of fee, 400 minutes at 2 roubles, 10 GB at 10 kopecks a megabyte and a film for 199."""
    text = cabinet.words(identity.browser(used(a_line())), COMPARE)
    assert "Август 2026 650,00 ₽ Сентябрь 2026 2 673,00 ₽ Октябрь 2026 650,00 ₽" in text
    # 990 a month hold 1 500 minutes and 60 GB.
    assert "1. Дрейф 790,00 ₽ в месяц на 1 004,00 ₽ меньше, чем вы заплатили 2 969,00 ₽" in text
    assert "С тарифом «Дрейф» вы заплатили бы на 1 004,00 ₽ меньше." in text
    assert "Звонки: около 400 мин в месяц, из них 333 мин в пакете; остальное — всего 400,00 ₽" in text
    assert "Интернет: около 13,3 ГБ в месяц, всё в пакете" in text
    assert "Подписки: всего 199,00 ₽" in text
    assert "Свободный · ваш тариф 650,00 ₽ в месяц" in text
    assert "столько же" in text
    assert "Посчитано: 23 записи." in text
    assert "пересчитывается" not in text


def test_cab_10_a_month_is_explained_to_the_kopeck() -> None:
    text = cabinet.words(identity.browser(used(a_line())), f"{COMPARE}svobodny/2026-09/")
    assert "Из чего сложились бы 2 673,00 ₽" in text
    assert "Абонентская плата 5 сентября – 4 октября Плата по тарифу за месяц 650,00 ₽" in text
    assert "Исходящие звонки · Мобильные России 400 × 2,00 ₽ за минуту Раз 20 Израсходовано 20 ч" in text
    assert "Из них в пакете 13 ч 20 мин 800,00 ₽" in text
    assert "Интернет 10 240 × 0,10 ₽ за 1 МБ Раз 1 Израсходовано 40 ГБ Из них в пакете 30 ГБ 1 024,00 ₽" in text
    assert "Кино на вечер 1 × 199,00 ₽ за раз Раз 1 Израсходовано 1 199,00 ₽" in text
    assert "Входящие звонки Раз 1 Израсходовано 1 мин 0,00 ₽" in text
    assert "пакеты периода с 5 августа" in text


def test_cab_10_a_fee_by_the_day_is_explained_in_one_line() -> None:
    text = cabinet.words(identity.browser(a_line()), f"{COMPARE}iskorka/2026-09/")
    assert "1–30 сентября 4,00 ₽ в день × 30 дней = 120,00 ₽" in text
    assert "В этом месяце связью не пользовались." in text


def test_cab_10_what_a_tariff_has_no_price_for_is_said() -> None:
    line = used(a_line())
    version = models.TariffVersion.objects.get(tariff_id="poputny")
    version.terms["prices"] = [price for price in version.terms["prices"] if price["kind"] != "content"]
    version.save()
    browser = identity.browser(line)
    said = "В тарифе нет цены для 1 вашей записи: в сумму она не вошла."
    assert said in cabinet.words(browser, COMPARE)
    assert said in cabinet.words(browser, f"{COMPARE}poputny/2026-09/")
    assert "Подписки Цены нет" not in cabinet.words(browser, "/tariffs/poputny/")
    assert "Кино на вечер Цены нет У вас: 199,00 ₽ за раз Хуже" in cabinet.words(browser, "/tariffs/poputny/")


def test_cab_10_a_number_without_a_whole_month_is_told_when_there_is_something_to_tell() -> None:
    browser = identity.browser(a_line(opened_at=datetime(2026, 11, 3, 9, tzinfo=UTC)))
    text = cabinet.words(browser, COMPARE)
    assert "Обслуживание — с 3 ноября 2026. Когда закончится первый календарный месяц" in text
    assert browser.get(f"{COMPARE}svobodny/2026-10/").status_code == 404


def test_cab_10_home_internet_has_its_own_tariffs() -> None:
    line = a_line()
    home = lines.line(
        number="net-000051", contract_id=line.contract_id, tariff_version_id=of_the_demo("dom-100"), service="internet",
        is_main=False, opened_at=OPENED,
    )  # fmt: skip
    browser = identity.browser(line)
    browser.post("/line/", {"line": home.id, "next": LIST})
    text = cabinet.words(browser, LIST)
    assert "Ваш тариф «Дом 100»" in text
    assert "Дом 500 790,00 ₽ в месяц" in text
    assert "Дрейф" not in text
    assert browser.get("/tariffs/dreyf/").status_code == 404


@pytest.mark.parametrize("address", [LIST, "/tariffs/legky/", COMPARE, f"{COMPARE}legky/2026-09/"])
def test_cab_10_a_page_takes_a_constant_number_of_queries(address: str) -> None:
    line = used(a_line())
    browser = identity.browser(line)
    browser.get(address)
    before = cabinet.queries_of(browser, address)
    for number in range(5):
        catalog.publish(replace(catalogue.tariffs()[1], tariff_code=f"one-more-{number}"))
    billing.use(*(Use(line.number, datetime(2026, 10, 7, hour, tzinfo=UTC)) for hour in range(20)))
    assert cabinet.queries_of(browser, address) == before
    assert before <= QUERIES_MAX


def test_cab_10_is_there_in_english_and_only_for_who_signed_in() -> None:
    browser = identity.browser(used(a_line()))
    for address in (LIST, "/tariffs/legky/", COMPARE, f"{COMPARE}legky/2026-09/"):
        assert Client().get(address).status_code == 302
        assert browser.post(address).status_code == 405
    browser.cookies["language"] = "en"
    assert "Drift 790.00 ₽ a month 50 GB, then at 1 Mbit/s · 1,000 min · 100 SMS" in cabinet.words(browser, LIST)
    assert "Internet package 8 GB Yours: 30 GB Worse" in cabinet.words(browser, "/tariffs/legky/")
    assert "1. Drift 790.00 ₽ a month 1,004.00 ₽ less than you paid 2,969.00 ₽" in cabinet.words(browser, COMPARE)
    assert "400 × 2.00 ₽ for a minute" in cabinet.words(browser, f"{COMPARE}svobodny/2026-09/")
