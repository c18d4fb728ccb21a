"""Pages of the promised payment: all terms before, one question, a receipt that lasts, and no with a way out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import queries
from abonent.domains.billing.promised import repayment as promised_repayment
from abonent.domains.billing.promised.rules import Choice
from abonent.domains.customers import models as customers
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories import billing, cabinet, identity
from tests.factories import promised as make
from tests.factories.promised import TERMS

pytestmark = pytest.mark.django_db
# Session and lines, and six of the standing; the receipt reads the promise and its repayments.
QUERIES, QUERIES_OF_RECEIPT = 9, 4


def regular(**known: object) -> Line:
    """Put the terms in force, and open a line that may take a promise now."""
    make.rules()
    return make.regular(at=now(), **known)


def fields(client: Client, amount: str = "100") -> dict[str, str]:
    """Return the hidden fields of the question."""
    page = client.get(f"/promised/take/?amount={amount}").content.decode()
    form = page[page.index('action="/promised/take/"') :]
    return dict(re.findall(r'type="hidden" name="(id|line|amount_minor|rules)" value="([^"]*)"', form))


def taken(client: Client, amount: str = "100") -> str:
    """Take one as a person does; return where its receipt is."""
    response = client.post("/promised/take/", fields(client, amount))
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def money() -> list[object]:
    return [
        billing.rows("select id, balance_minor from ledger_account where balance_minor is not null order by 1"),
        billing.rows("select count(*) from ledger_transfer"),
        billing.rows("select count(*) from billing_promise"),
    ]


@pytest.mark.parametrize("address", ["/promised/", "/promised/take/?amount=100", f"/promised/{UUID(int=1)}/"])
def test_cab_8_sends_strangers_to_sign_in(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=%2Fpromised%2F")
    assert Client().post("/promised/take/", {"amount_minor": "10000"}).status_code in (302, 403)


def test_cab_8_shows_all_of_it_before() -> None:
    client = identity.browser(regular())
    text = cabinet.words(client, "/promised/")
    for said in (
        "100,00 ₽ Плата 10,00 ₽, вернуть до",
        "200,00 ₽ Плата 20,00 ₽, вернуть до",
        "Баланс после: 90,00 ₽",
        "Баланс после: 180,00 ₽",
        "Следующее пополнение: само и раньше всего остального.",
        "баланс может стать отрицательным. Ещё 30 дней после этого новый не даётся.",
        "Не чаще 2 раз за 30 дней, по одному.",
        "Пока ни одного.",
    ):
        assert said in text, f"{said!r} not in {text}"
    assert "500,00" not in text, "a sum out of reach is not shown"
    assert client.get("/promised/take/?amount=100").status_code == 200


def test_cab_8_asks_once_more_with_the_sum_on_the_button() -> None:
    client = identity.browser(regular())
    text = cabinet.words(client, "/promised/take/?amount=200")
    for said in (
        "Взять обещанный платёж 200,00 ₽?", "Плата, спишем сейчас, один раз 20,00 ₽", "Баланс сейчас 0,00 ₽",
        "Баланс после 180,00 ₽", "Вернуть до", "Если не вернуть", "Взять 200,00 ₽ за 20,00 ₽", "Не брать",
    ):  # fmt: skip
        assert said in text, f"{said!r} not in {text}"
    before = money()
    assert client.get("/promised/take/?amount=200").status_code == 200
    assert money() == before, "looking takes nothing"


def test_cab_8_gives_a_receipt_that_lasts() -> None:
    line = regular()
    client = identity.browser(line)
    address = taken(client)
    text = cabinet.words(client, address)
    for said in ("Обещанный платёж на балансе", "100 ,00 ₽", "Плата 10,00 ₽ почему", "Осталось вернуть 100,00 ₽"):
        assert said in text, f"{said!r} not in {text}"
    make.pay(line, 4_000, at=now())
    assert "Возвращено 40,00 ₽" in cabinet.words(client, address)
    make.pay(line, 6_000, at=now())
    text = cabinet.words(client, address)
    assert "Обещанный платёж возвращён" in text
    assert "Возвращать больше нечего." in text
    assert "из пополнения 60,00 ₽" in text
    assert "Осталось вернуть" not in text


def test_cab_8_shows_the_one_that_is_owed_and_how_to_repay_exactly_that() -> None:
    line = regular()
    client = identity.browser(line)
    taken(client)
    make.pay(line, 2_550, at=now())
    page = client.get("/promised/").content.decode()
    assert 'href="/topup/?amount=74.50"' in page
    text = cabinet.words(client, "/promised/")
    assert "Осталось вернуть 74 ,50 ₽" in text
    assert "Возвращено 25,50 ₽ из 100,00 ₽" in text
    assert client.get("/promised/take/?amount=100")["Location"] == "/promised/"


def test_cab_8_a_second_press_and_the_back_button_take_one() -> None:
    line = regular()
    client = identity.browser(line)
    sent = fields(client)
    addresses = {client.post("/promised/take/", sent)["Location"] for _ in range(3)}
    assert addresses == {f"/promised/{sent['id']}/"}
    assert queries.balance(line.contract_id) == 9_000


def test_cab_8_two_tabs_take_one_and_the_second_is_told() -> None:
    line = regular()
    client = identity.browser(line)
    first, second = fields(client), fields(client, "200")
    client.post("/promised/take/", first)
    before = money()
    response = client.post("/promised/take/", second)
    assert response.status_code == 409
    assert "Сейчас ничего не взято" in response.content.decode()
    assert "Осталось вернуть" in response.content.decode()
    assert "<title>Ошибка: " in response.content.decode()
    assert money() == before


def test_cab_8_terms_that_changed_meanwhile_are_shown_anew() -> None:
    line = regular()
    client = identity.browser(line)
    sent = fields(client)
    make.rules(replace(TERMS, choices=(Choice(10_000, 9_900, 3),)), valid_from=now().date())
    before = money()
    response = client.post("/promised/take/", sent)
    assert response.status_code == 409
    assert "Условия с тех пор изменились" in response.content.decode()
    assert "99,00" in response.content.decode()
    assert money() == before


def test_cab_8_a_form_speaks_of_the_line_it_was_shown_for() -> None:
    line = regular()
    other = cabinet.another(line, "+79001112233", "legky")
    client = identity.browser(line)
    sent = fields(client)
    client.post("/line/", {"line": other.id})
    address = client.post("/promised/take/", sent)["Location"]
    assert make.receipt(line, UUID(sent["id"])).promise.line_id == line.id
    assert "+7" in cabinet.words(client, address)


@pytest.mark.parametrize("amount", ["", "100.01", "500", "-100", "0", "1e9", "9" * 500, "<b>", "\0", "０"])
def test_cab_8_a_sum_that_is_not_on_offer_is_answered_with_those_that_are(amount: str) -> None:
    client = identity.browser(regular())
    response = client.get("/promised/take/", {"amount": amount})
    text = response.content.decode()
    assert response.status_code == 200
    assert "Такой суммы нет в предложении" in text
    assert 'href="/promised/take/?amount=100"' in text


@pytest.mark.parametrize("typed", ["100", "100,00", " 100 ₽", "१००", "100.0"])
def test_cab_8_a_sum_is_understood_as_people_type_it(typed: str) -> None:
    response = identity.browser(regular()).get("/promised/take/", {"amount": typed})
    assert "Взять обещанный платёж 100,00" in response.content.decode()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": ""}, 400), ({"id": "x"}, 400), ({"id": None}, 400), ({"line": "0"}, 400), ({"line": "a"}, 400),
        ({"amount_minor": "1,5"}, 400), ({"amount_minor": "9" * 5000}, 400), ({"rules": ""}, 400),
        ({"amount_minor": "1"}, 409), ({"amount_minor": "-10000"}, 409), ({"amount_minor": "9" * 30}, 409),
        ({"amount_minor": "50000"}, 409), ({"rules": "9" * 30}, 409), ({"rules": "0"}, 409),
    ],
    ids=str,
)  # fmt: skip
def test_cab_8_a_form_that_was_tampered_with_takes_nothing(change: dict[str, str | None], status: int) -> None:
    client = identity.browser(regular())
    sent = {name: value for name, value in (fields(client) | change).items() if value is not None}
    before = money()
    response = client.post("/promised/take/", sent)
    assert response.status_code == status
    assert "ничего не взято" in response.content.decode()
    assert money() == before


def test_cab_8_an_id_of_something_else_takes_nothing() -> None:
    line, other = regular(), regular()
    client = identity.browser(line)
    sent = fields(client) | {"id": str(make.pay(other, 700, at=now()))}
    before = money()
    response = client.post("/promised/take/", sent)
    assert (response.status_code, "уже отправлена раньше" in response.content.decode()) == (409, True)
    assert money() == before


def test_cab_8_a_line_of_somebody_else_cannot_be_named() -> None:
    line, other = regular(), regular()
    client = identity.browser(line)
    before = money()
    assert client.post("/promised/take/", fields(client) | {"line": str(other.id)}).status_code == 400
    assert money() == before


def test_cab_8_a_receipt_of_somebody_else_is_not_there() -> None:
    line, other = regular(), regular()
    theirs = make.take(other, at=now())
    client = identity.browser(line)
    missing = client.get(f"/promised/{uuid4()}/")
    found = client.get(f"/promised/{theirs}/")
    assert (missing.status_code, found.status_code) == (404, 404)


@pytest.mark.parametrize(
    ("why", "says", "way_out"),
    [
        ("postpaid", "Вы платите по счёту", "/home/"),
        ("blocked", "Действует блокировка", "/home/"),
        ("unpaid", "Прошлый не вернули в срок. Новый можно взять после", "/topup/"),
        ("often", "Вы уже взяли столько, сколько можно", "/topup/"),
        ("young", "Вы с нами ещё недолго. Взять его можно с", "/topup/"),
        ("spending", "не хватило 50,00 ₽ расходов в месяц", "/topup/"),
        ("balance", "пополните его хотя бы на 100,50 ₽", "/topup/?amount=100.50"),
        ("not offered", "Сейчас мы не даём обещанных платежей", "/topup/"),
    ],
)
def test_cab_8_no_comes_with_its_reason_and_a_way_out(why: str, says: str, way_out: str) -> None:
    at = now()
    if why == "not offered":
        line = make.regular(at=at)
    else:
        line = regular(
            opened_days=10 if why == "young" else 200,
            spent_minor=0 if why == "spending" else 90_000,
        )
    client = identity.browser(line)
    if why == "postpaid":
        customers.Contract.objects.filter(pk=line.contract_id).update(payment="postpaid")
    elif why == "blocked":
        make.blocked(line, at)
    elif why == "balance":
        make.spend(line, 40_050)
    elif why == "unpaid":
        make.take(line, at=at - timedelta(days=9))
        promised_repayment.take_back_due(now=at)
    elif why == "often":
        for days in (9, 5):
            make.take(line, at=at - timedelta(days=days))
            make.pay(line, 10_000, at=at - timedelta(days=days))
    text = cabinet.words(client, "/promised/")
    assert says in text, text
    assert "Сейчас взять нельзя" in text
    assert f'href="{way_out}"' in client.get("/promised/").content.decode()
    assert client.get("/promised/take/?amount=100")["Location"] == "/promised/"


def test_cab_8_history_leads_to_receipts() -> None:
    line = regular()
    at = now()
    first = make.take(line, at=at - timedelta(days=20))
    make.pay(line, 10_000, at=at - timedelta(days=19))
    second = make.take(line, at=at - timedelta(days=12))
    promised_repayment.take_back_due(now=at)
    client = identity.browser(line)
    text = cabinet.words(client, "/promised/")
    assert "возвращён" in text
    assert "не возвращён в срок, списан" in text
    page = client.get("/promised/").content.decode()
    for promise_id in (first, second):
        assert f'href="/promised/{promise_id}/"' in page
    assert "В день срока с баланса списано 100,00 ₽" in cabinet.words(client, f"/promised/{second}/")


def test_cab_8_the_queries_do_not_grow() -> None:
    make.rules(replace(TERMS, times=50))
    line = make.regular(at=now())
    client = identity.browser(line)
    few = cabinet.queries_of(client, "/promised/")
    address = ""
    for day in range(12):
        at = now() - timedelta(days=day + 1)
        address = f"/promised/{make.take(line, at=at)}/"
        for _ in range(4):
            make.pay(line, 2_500, at=at)
    assert cabinet.queries_of(client, "/promised/") == few <= QUERIES
    assert cabinet.queries_of(client, "/promised/take/?amount=100") <= QUERIES
    assert cabinet.queries_of(client, address) <= QUERIES_OF_RECEIPT


def test_cab_8_speaks_english_in_all_its_states() -> None:
    line = regular()
    client = identity.browser(line)
    client.cookies["language"] = "en"
    names = re.compile("«[^»]*»|Русский|Орбита|Анна|Орлова")
    address = ""
    for page in ("/promised/", "/promised/take/?amount=100", "/promised/take/?amount=7"):
        assert not re.search("[А-Яа-яЁё]", names.sub("", cabinet.words(client, page))), page
    address = taken(client)
    assert "Top up 100.00" in cabinet.words(client, address)
    for page in ("/promised/", address):
        assert not re.search("[А-Яа-яЁё]", names.sub("", cabinet.words(client, page))), page


def test_cab_8_the_deadline_passes_while_the_page_is_open() -> None:
    line = regular()
    client = identity.browser(line)
    address = taken(client)
    with time_machine.travel(now() + timedelta(days=5)):
        promised_repayment.take_back_due(now=now())
    assert "не возвращён в срок" in cabinet.words(client, address)
    assert "Прошлый не вернули в срок" in cabinet.words(client, "/promised/")
