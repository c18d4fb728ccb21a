"""CAB-2: the page of what changed in prices, each price with its explanation, and the sums that lead to theirs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories import autopay as agree
from tests.factories import cabinet, identity, lines, payments, statement
from tests.factories import changes as make
from tests.factories import limits as limit

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def anna() -> Line:
    return cabinet.line()


@pytest.fixture
def client(anna: Line) -> Client:
    return identity.browser(anna)


def links(client: Client, address: str, begin: str) -> list[str]:
    found = re.findall(rf'href="({begin}[^"]*)"', client.get(address).content.decode())
    return [html.unescape(one) for one in dict.fromkeys(found)]


def test_cab_2_says_when_nothing_changes(client: Client) -> None:
    assert "изменений не запланировано" in cabinet.words(client, "/changes/")
    assert 'href="/changes/"' in client.get("/expenses/").content.decode()


def test_cab_2_says_from_when_what_it_was_and_becomes_and_why(client: Client, anna: Line) -> None:
    make.published(make.dearer(), NOON)
    text = cabinet.words(client, "/changes/")
    for said in (
        "С 15 декабря 2026", "Запланировано", "Тариф «Свободный»", "Выросли расходы на сеть", "Абонентская плата",
        "650,00 ₽ в месяц", "700,00 ₽ в месяц", "Исходящее SMS", "2,50 ₽", "3,00 ₽", "Сообщили по SMS 30 ноября",
    ):  # fmt: skip
        assert said in text, (said, text)
    assert "С 15 декабря действуют другие цены" in cabinet.words(client)
    with time_machine.travel("2026-12-20T09:00:00Z"):
        later = cabinet.words(identity.browser(anna), "/changes/")
        assert "Стало" in later
        assert "Запланировано" not in later
    client.cookies["language"] = "en"
    english = cabinet.words(client, "/changes/")
    assert "Running the network costs more" in english
    assert not re.search("[А-Яа-я]", english.replace("Русский", ""))


def test_cab_2_every_price_leads_to_what_it_is(client: Client, anna: Line) -> None:
    statement.use(anna, [statement.Used(NOON, statement.SMS, rule="sms-home", amount_minor=250)])
    make.published(make.dearer(), NOON)
    addresses = links(client, "/changes/", "/changes/[0-9]")
    assert len(addresses) == 4
    old_sms = next(one for one in addresses if one == f"/changes/{anna.tariff_version_id}/sms-home/")
    text = cabinet.words(client, old_sms)
    for said in ("Исходящее SMS", "2,50 ₽ за", "sms-home", "1 января 2024", "15 декабря 2026", "остаток пакета"):
        assert said in text, (said, text)
    [charge] = links(client, old_sms, "/statement/charge/")
    assert "sms-home" in cabinet.words(client, charge)
    assert links(client, charge, "/changes/") == [old_sms], "and back"
    new_fee = next(one for one in addresses if one.endswith("/fee/") and f"/{anna.tariff_version_id}/" not in one)
    said = cabinet.words(client, new_fee)
    assert "700,00 ₽ в месяц" in said
    assert "Выросли расходы на сеть" in said
    assert "Пока ничего" in said


def test_sec_a_price_nobody_of_ones_own_had_is_not_there(client: Client, anna: Line) -> None:
    version_id = lines.line().tariff_version_id
    for address in (
        f"/changes/{version_id}/fee/", f"/changes/{anna.tariff_version_id}/none/", "/changes/999999999/fee/",
        f"/changes/{10**30}/fee/", f"/changes/{anna.tariff_version_id}/%3Cscript%3E/",
        f"/changes/{anna.tariff_version_id}/%00/",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert Client().get(f"/changes/{anna.tariff_version_id}/fee/")["Location"].startswith("/login/")


def test_cab_2_the_numbers_of_a_person_stand_under_their_names(client: Client, anna: Line) -> None:
    cabinet.another(anna, "+79000000002", "svobodny")
    make.published(make.dearer(), NOON)
    text = cabinet.words(client, "/changes/").replace("\N{NO-BREAK SPACE}", " ")
    assert text.count("С 15 декабря 2026") >= 2
    assert "+7 900 000-00-02" in text


def test_perf_the_pages_take_few_queries_for_many_changes(client: Client, anna: Line) -> None:
    for n in range(12):
        cabinet.another(anna, f"+79000010{n:03}", "svobodny")
    version_id = make.published(make.dearer(), NOON)
    assert cabinet.queries_of(client, "/changes/") == 8
    assert cabinet.queries_of(client, f"/changes/{version_id}/fee/") == 8
    cabinet.queries_of(client)
    assert cabinet.queries_of(client) <= 7


# --- Sums lead to their reason ---


def test_cab_2_every_sum_of_the_home_page_leads_to_its_reason(client: Client, anna: Line) -> None:
    fee = statement.fee(anna, NOON - timedelta(hours=3))
    [call] = statement.use(anna, [statement.Used(NOON - timedelta(hours=2), amount_minor=180)])
    paid = statement.pay(anna, NOON - timedelta(hours=1))
    assert set(links(client, "/home/", "/(?:statement/charge|payments)/")) >= {
        f"/statement/charge/{fee}/", f"/statement/charge/{call.charge_id}/", f"/payments/{paid}/"
    }  # fmt: skip
    for category in ("fees", "calls"):
        assert f"/statement/?from=2026-11-01&to=2026-11-30&type={category}" in links(client, "/home/", "/statement/")
    for address in (*links(client, "/home/", "/statement/"), *links(client, "/home/", "/payments/"), "/account/"):
        assert client.get(address).status_code == 200, address


def test_cab_2_every_sum_of_expenses_and_statement_leads_to_its_reason(client: Client, anna: Line) -> None:
    fee = statement.fee(anna, NOON - timedelta(hours=3))
    paid = statement.pay(anna, NOON - timedelta(hours=1))
    reasons = links(client, "/statement/", "/(?:statement/charge|payments)/")
    assert set(reasons) == {f"/statement/charge/{fee}/", f"/payments/{paid}/"}
    listed = links(client, "/expenses/", r"/statement/\?")
    assert len(listed) == 2, "the category and the total"
    for address in (*reasons, *listed, *links(client, "/payments/", "/payments/")):
        assert client.get(address).status_code == 200, address
    assert UUID(links(client, "/payments/", f"/payments/{paid}")[0].split("/")[2]) == paid


# --- What the home page says of limits and autopay ---


def test_cab_19_the_home_page_speaks_of_the_limit_from_80_percent_on(client: Client, anna: Line) -> None:
    limit.limited(anna, 500_00)
    statement.fee(anna, now(), 399_99)
    assert "Потрачено" not in cabinet.words(client)
    statement.fee(anna, now(), 1)
    assert "Потрачено 400,00 ₽ из лимита 500,00 ₽" in cabinet.words(client)
    statement.fee(anna, now(), 100_00)
    text = cabinet.words(client)
    assert "Лимит на этот месяц исчерпан: 500,00 ₽ из 500,00 ₽." in text
    assert "Покупки запрещены" not in text
    with time_machine.travel(NOON + timedelta(hours=13)):
        assert "Лимит на" not in cabinet.words(identity.browser(anna)), "December"


def test_cab_1_the_home_page_says_how_autopay_stands(client: Client, anna: Line, settings: object) -> None:
    bank = payments.open_bank(settings)
    assert "/autopay/" not in client.get("/home/").content.decode()
    row = agree.agreed(bank, anna)
    assert "Автоплатёж ниже 100,00 ₽" in cabinet.words(client)
    assert cabinet.queries_of(client) <= 6
    child = cabinet.another(anna, "+79000000002", "legky")
    theirs = cabinet.words(identity.browser(child))
    assert "Автоплатёж включён" in theirs
    assert "100,00 ₽" not in theirs
    agree.autopay.pause(autopay_id=row.id, account_id=row.account_id, at=now())
    assert "Автоплатёж на паузе" in cabinet.words(client)
    agree.autopay.stop(autopay_id=row.id, account_id=row.account_id, at=now())
    assert "Автоплатёж" not in cabinet.words(client)
    agree.agreed(bank, anna, agree.FIFTH)
    assert "Автоплатёж 5 декабря" in cabinet.words(client)
