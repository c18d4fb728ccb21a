"""Pages of packages and gifts: all of it before, done once, explained, another's not there (CAB-12, CAB-1, CAB-2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.catalog import actions as catalog_actions
from abonent.domains.catalog.rules import Allowance, RollOver, TariffVersion, Terms
from abonent.domains.identity import models as identity_models
from abonent.domains.identity import queries as identity
from abonent.domains.lines.queries import Line
from abonent.domains.usage.rules import Kind
from abonent.foundation.clock import now
from tests.factories import billing, cabinet, catalog, lines, network, security
from tests.factories import orders as ordering
from tests.factories import packages as make
from tests.factories import transfers as money
from tests.factories.billing import Use
from tests.factories.catalog import MIB, SMALL
from tests.factories.transfers import form_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
GIB = 1024 * MIB
# Session and lines; then what the page tells of.
PACKAGES_QUERIES, BUY_QUERIES, GIVE_QUERIES, GIFT_QUERIES = 10, 4, 12, 3


@pytest.fixture(autouse=True)
def _at_noon(settings: Any) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        make.load()
        network.open_network(settings)
        yield


@pytest.fixture
def anna() -> Line:
    """Anna has ten gigabytes, of which up to one goes on, a hundred minutes, and three hundred roubles."""
    catalog.geography()
    allowances = (
        Allowance("data", 10 * GIB, roll_over=RollOver(1, GIB)), Allowance("voice", 6_000), Allowance("sms", 3),
    )  # fmt: skip
    names = {"ru": "Запасливый", "en": "Thrifty"}
    terms = Terms(allowances, SMALL.terms.prices)
    tariff = catalog_actions.publish(TariffVersion("thrifty", "mobile", "phone", names, SMALL.valid_from, 0, terms))
    line = lines.line(tariff_version_id=tariff)
    money.top_up(line, 30_000)
    return line


@pytest.fixture
def client(anna: Line) -> Client:
    return security.browser(anna)


def words(client: Client, address: str) -> str:
    return cabinet.words(client, address)


def fields(client: Client, code: str, when: str = "") -> dict[str, str]:
    """Return the hidden fields of the question."""
    page = client.get(f"/services/{code}/{when}").content.decode()
    form = page[page.index(f'action="/services/{code}/"') :]
    names = "id|line|action|version|total_minor|effective_at"
    return dict(re.findall(rf'type="hidden" name="({names})" value="([^"]*)"', form))


def bought(client: Client, code: str, when: str = "") -> str:
    """Buy a package as a person does, and let workers do the rest; return where the order is."""
    response = client.post(f"/services/{code}/", fields(client, code, when))
    assert response.status_code == 302, response.content.decode()
    ordering.work(now())
    return str(response["Location"])


@pytest.mark.parametrize(
    "address",
    [
        "/packages/",
        "/packages/buy/",
        "/packages/give/",
        "/packages/gifts/00000000-0000-4000-8000-000000000000/confirm/",
    ],
)
def test_cab_12_sends_strangers_to_sign_in(address: str) -> None:
    assert Client().get(address)["Location"].startswith("/login/?next=")


def test_cab_12_every_bucket_says_how_much_of_what_until_when_and_what_then(client: Client, anna: Line) -> None:
    billing.use(Use(anna.number, NOW - timedelta(days=1), Kind.DATA, peer="", bytes=4 * GIB))
    bought(client, "each-month")
    bought(client, "night")
    text = words(client, "/packages/")
    for said in (
        "Тариф «Запасливый» 6,9 ГБ из 10 ГБ Обновится 10 декабря, остаток перейдёт дальше",
        "Остаток прошлого периода Пусто 0 МБ из 1 ГБ По 9 декабря, потом закончится",
        "«Услуга Each month» 3 МБ из 3 МБ По 22 декабря, потом купится снова",
        "«Услуга Night» Безлимит По 22 декабря, потом закончится с 01:00 до 07:00",
        "Минуты 100 мин", "SMS 3 SMS", "Покупки и подарки", "−100,00 ₽",
    ):  # fmt: skip
        assert said in text, f"{said}: {text}"
    client.post("/language/", {"to": "en", "next": "/packages/"})
    assert "Renewed on December 10, what is left goes on" in words(client, "/packages/")


def test_cab_1_home_tells_the_same_sum_and_leads_there(client: Client, anna: Line) -> None:
    bought(client, "more-minutes")
    billing.use(Use(anna.number, NOW + timedelta(minutes=1), duration_s=600))
    text = words(client, "/home/")
    assert "95 мин Минуты из 105 мин" in text
    assert "Все пакеты" in text
    assert "Минуты 95 мин" in words(client, "/packages/")


def test_cab_2_price_term_and_balance_stand_there_before_and_afterwards_the_receipt(client: Client, anna: Line) -> None:
    assert "Услуга More data 2 МБ · на 30 дней · один раз 100,00 ₽" in words(client, "/packages/buy/")
    text = words(client, "/services/more-data/")
    for said in (
        "Купить «Услуга More data»", "К оплате сейчас 100,00 ₽", "Вы получите 2 МБ", "Действует по 22 декабря",
        "В какие часы в любое время", "Когда закончится ничего: покупка разовая", "Баланс после 200,00 ₽",
        "Купить за 100,00 ₽",
    ):  # fmt: skip
        assert said in text, f"{said}: {text}"
    assert "купится снова по той же цене" in words(client, "/services/each-month/")
    address = bought(client, "more-data")
    text = words(client, address)
    assert "Пакет «Услуга More data» ваш" in text
    assert "Отключить" not in text
    assert money.balances(anna) == [20_000]
    later = bought(client, "more-minutes", "?when=next")
    assert client.post(f"{later}undo/").status_code == 302
    assert "Заказ отменён" in words(client, later)
    assert models.PackageBucket.objects.count() == 1


def test_cab_12_a_renewal_is_stopped_with_one_button_by_its_owner_alone(client: Client) -> None:
    bought(client, "each-month")
    (row,) = models.PackageBucket.objects.all()
    stranger = security.browser(money.maria())
    for sender, id_ in ((stranger, row.id), (client, uuid4()), (client, "x")):
        assert sender.post("/packages/stop/", {"id": id_}).status_code == 404
    response = client.post("/packages/stop/", {"id": row.id})
    assert response["Location"] == "/packages/?stopped"
    text = words(client, response["Location"])
    assert "Пакет больше не продлится" in text
    assert "По 22 декабря, потом закончится" in text
    assert "Не продлевать" not in text


def test_cab_12_pages_ask_the_database_no_more_for_much_than_for_little(client: Client, anna: Line) -> None:
    maria = money.maria()
    money.top_up(anna, 30_000)
    gift = make.given(anna, maria, GIB)
    bought(client, "more-data")
    counts = [cabinet.queries_of(client, address) for address in ("/packages/", "/packages/buy/", "/packages/give/")]
    for code in ("more-messages", "night"):
        bought(client, code)
    for _ in range(3):
        make.given(anna, maria, GIB)
    again = [cabinet.queries_of(client, address) for address in ("/packages/", "/packages/buy/", "/packages/give/")]
    assert again == counts
    assert counts <= [PACKAGES_QUERIES, BUY_QUERIES, GIVE_QUERIES]
    assert cabinet.queries_of(client, f"/packages/gifts/{gift.id}/") <= GIFT_QUERIES


def ask(client: Client, number: str, amount: str = "2", unit: str = "gb") -> Any:
    form = form_of(client, "/packages/give/")
    return client.post("/packages/give/", {"form": form, "number": number, "amount": amount, "unit": unit})


def given(client: Client, anna: Line, number: str) -> str:
    """Give two gigabytes by the pages; return the address of the receipt."""
    page = ask(client, number)["Location"]
    identity_models.NumberGuard.objects.update(sends=[])
    assert client.post(page, {"way": "sms"})["Location"] == f"{page}code/"
    challenge = identity_models.Challenge.objects.filter(number=anna.number, purpose="money", spent_at=None).latest(
        "expires_at"
    )
    code = identity.code_to_deliver(str(challenge.id), now())
    return str(client.post(f"{page}code/", {"code": code})["Location"])


def test_cab_12_a_gift_is_shown_whole_before_its_code_and_to_both_sides_after(client: Client, anna: Line) -> None:
    maria = money.maria()
    page = ask(client, maria.number)["Location"]
    text = words(client, page)
    for said in (
        "Подарить 2 ГБ?", "Мария К***", "Действует по 22 декабря", "Плата за подарок 10,00 ₽",
        "После этого сможете подарить ещё 8 ГБ", "Баланс после 290,00 ₽", "вернуть подарок нельзя",
    ):  # fmt: skip
        assert said in text, f"{said}: {text}"
    receipt = given(client, anna, maria.number)
    text = words(client, receipt)
    assert "Подарено 2 ГБ" in text
    assert "Плата за подарок 10,00 ₽" in text
    assert maria.number not in client.get(receipt).content.decode()
    theirs = security.browser(maria)
    for address, said in ((receipt, "Подарок вам 2 ГБ"), ("/packages/", "Подарок 2 ГБ из 2 ГБ По 22 декабря")):
        text = words(theirs, address)
        assert said in text, text
        assert "Плата за подарок" not in text
        assert anna.number[-7:] not in theirs.get(address).content.decode()
    assert "подарено другим: 2 ГБ" in words(client, "/packages/")
    assert security.browser(lines.line()).get(receipt).status_code == 404
    assert "Плата за подарок другому номеру" in words(client, f"/statement/charge/{models.Charge.objects.get().id}/")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": ""}, "Введите номер получателя"),
        ({"number": "+4930123456"}, "другой страны"),
        ({"amount": "-1"}, "целым числом"),
        ({"amount": "0"}, "целым числом"),
        ({"amount": "1,5"}, "целым числом"),
        ({"amount": "٣"}, "целым числом"),
        ({"amount": "9999999"}, "целым числом"),
        ({"amount": "99", "unit": "mb"}, "не меньше 100 МБ"),
        ({"amount": "11"}, "не больше 10 ГБ"),
        ({"amount": "301", "unit": "min"}, "не больше 300 мин"),
        ({"amount": "10", "unit": "gb"}, ""),
        ({"amount": "200", "unit": "min"}, "Подарить можно 100 мин"),
        ({"unit": "sms"}, "Выберите, что подарить"),
    ],
)
def test_cab_12_what_is_typed_wrong_is_said_beside_it_and_kept(
    client: Client, typed: dict[str, str], said: str
) -> None:
    response = ask(client, **({"number": "+79009999999"} | typed))
    if not said:
        assert response.status_code == 302
        return
    assert response.status_code == 200
    page = re.sub(r"\s+", " ", response.content.decode())
    assert said in page
    assert "Ошибка:" in page
    assert models.Gift.objects.count() == 0


def test_cab_12_a_charge_names_the_packages_that_covered_a_part_of_it(client: Client, anna: Line) -> None:
    bought(client, "more-minutes")
    make.held(anna, "voice", 120, NOW, NOW + timedelta(days=3))
    billing.use(Use(anna.number, NOW + timedelta(minutes=1), duration_s=120 * 60))
    charge = models.Charge.objects.get(record_id__isnull=False)
    text = words(client, f"/statement/charge/{charge.id}/")
    assert "Из каких пакетов подарок: 2 мин; пакет тарифа: 1 ч 40 мин; «Услуга More minutes»: 5 мин" in text, text
    assert "13 × 1,80 ₽" in text
