"""What people type into the pages of transfers, and mistakes that go back."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.identity import models as identity_models
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories import identity, security
from tests.factories import transfers as make
from tests.factories.transfers import form_of, said

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MOSCOW_NOON = "22 ноября, 12:00"


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def anna() -> Line:
    return make.rich()


@pytest.fixture
def maria() -> Line:
    return make.maria()


@pytest.fixture
def client(anna: Line) -> Client:
    return security.browser(anna)


def ask(client: Client, number: str, amount: str = "300", form: str = "") -> str:
    """Send the form; return the address of the page that says the price."""
    response = client.post("/transfer/", {"form": form or form_of(client), "number": number, "amount": amount})
    assert response.status_code == 302, said_by(response)
    return str(response["Location"])


def code_page(client: Client, page: str, line: Line) -> str:
    """Ask for the code; return its page."""
    identity_models.NumberGuard.objects.update(sends=[])
    response = client.post(page, {"way": "sms"})
    assert response.status_code == 302, said_by(response)
    assert response["Location"] == f"{page}code/"
    return f"{page}code/"


def code_sent(number: str) -> str:
    """Return the newest code of money to the number."""
    challenge = identity_models.Challenge.objects.filter(number=number, purpose="money", spent_at=None).latest(
        "expires_at"
    )
    code = identity.queries.code_to_deliver(str(challenge.id), now())
    assert code
    return code


def said_by(response: object) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", text)


def send(client: Client, anna: Line, maria: Line, amount: str = "300") -> str:
    """Send money by the pages; return the address of the receipt."""
    code = code_page(client, ask(client, maria.number, amount), anna)
    response = client.post(code, {"code": code_sent(anna.number)})
    assert response.status_code == 302, said_by(response)
    return str(response["Location"])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("", "Введите номер получателя"),
        ("abc", "без букв"),
        ("900", "10 цифр после +7"),
        ("+79000000001234", "Лишние цифры"),
        ("+375291234567", "Это номер другой страны"),
        ("9" * 500, "Лишние цифры"),
        ("\0\x07", "Введите номер получателя"),
        ("<script>alert(1)</script>", "без букв"),
    ],
)
def test_a_number_that_is_none_is_said_and_what_was_typed_stays(client: Client, number: str, words: str) -> None:
    response = client.post("/transfer/", {"form": str(uuid4()), "number": number, "amount": "300,5"})
    text = said_by(response)
    assert words in text or "цифр" in text, text
    assert response.status_code == 200
    assert b'value="300,5"' in response.content
    assert "Ошибка" in response.content.decode()
    assert b"<script>alert" not in response.content
    assert not models.Transfer.objects.exists()


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("", "Введите сумму в рублях"),
        ("-5", "без минуса"),
        ("−5", "без минуса"),
        ("0", "больше нуля"),
        ("0,00", "больше нуля"),
        ("0.001", "две цифры после запятой"),
        ("10" * 40, "Слишком большая сумма"),
        ("1000000000000", "Слишком большая сумма"),
        ("пять", "цифрами"),
        ("1e3", "цифрами"),
        ("9,99", "Наименьшая сумма — 10,00 ₽"),
        ("5 000,01", "не больше 5 000,00 ₽"),
        ("$100", "цифрами"),
    ],
)
def test_a_sum_that_is_none_is_said_and_what_was_typed_stays(
    client: Client, maria: Line, amount: str, words: str
) -> None:
    response = client.post("/transfer/", {"form": str(uuid4()), "number": maria.number, "amount": amount})
    assert words in said_by(response).replace("\xa0", " ")
    assert html.escape(maria.number) in response.content.decode()
    assert not models.Transfer.objects.exists()


@pytest.mark.parametrize("typed", ["300", "300,00", "300.0", "300 ₽", " 300 руб. ", "٣٠٠", "３００"])
def test_a_sum_may_be_typed_any_way(client: Client, maria: Line, typed: str) -> None:
    ask(client, maria.number, typed)
    assert models.Transfer.objects.get().amount_minor == 30_000


def test_a_form_with_a_made_up_id_or_none_is_taken_for_a_new_one(client: Client, maria: Line) -> None:
    for form in ("no-uuid", "", "\0"):
        response = client.post("/transfer/", {"form": form, "number": maria.number, "amount": "300"})
        assert response.status_code == 302


@pytest.mark.parametrize("again", ["nonsense", "\0", str(UUID(int=1))])
def test_a_made_up_beginning_shows_the_empty_form(client: Client, again: str) -> None:
    assert client.get("/transfer/", {"again": again}).status_code == 200
    assert b'value="150,50"' in client.get("/transfer/", {"amount": "150.50"}).content


def test_cab_9_a_mistake_is_asked_back_and_given_back(client: Client, anna: Line, maria: Line) -> None:
    receipt = send(client, anna, maria)
    assert "Попросить вернуть" in said(client, receipt)
    assert client.post(f"{receipt}ask-back/")["Location"] == receipt
    assert "Вы попросили вернуть" in said(client, receipt)
    theirs = security.browser(maria, mark="c")
    assert "Просят вернуть" in said(theirs, "/transfer/")
    assert "Вернуть 300,00 ₽" in said(theirs, receipt).replace("\xa0", " ")
    page = theirs.post(f"{receipt}answer/", {"answer": "give"})["Location"]
    text = said(theirs, page)
    assert "Комиссия 0,00 ₽" in text.replace("\xa0", " ")
    code = code_page(theirs, page, maria)
    back = theirs.post(code, {"code": code_sent(maria.number)})["Location"]
    assert "Возвращено" in said(theirs, back)
    assert make.balances(anna, maria) == [99_500, 0]
    assert "Деньги возвращены" in said(client, receipt)
    assert theirs.post(f"{receipt}answer/", {"answer": "give"})["Location"] == receipt


def test_the_receiver_says_no(client: Client, anna: Line, maria: Line) -> None:
    receipt = send(client, anna, maria)
    client.post(f"{receipt}ask-back/")
    theirs = security.browser(maria, mark="c")
    theirs.post(f"{receipt}answer/", {"answer": "keep"})
    assert "не возвращает" in said(client, receipt)
    assert "Вас просили вернуть" in said(theirs, receipt)
    assert make.balances(anna, maria) == [69_500, 30_000]


def test_history_goes_on_and_nonsense_begins_it(client: Client, anna: Line, maria: Line) -> None:
    make.top_up(anna, 10_000_000)
    for number in range(23):
        with time_machine.travel(NOW + timedelta(days=number * 32, minutes=number), tick=False):
            make.sent(anna, maria, 1_000 + number)
    first = client.get("/transfer/history/").content.decode()
    assert first.count('class="thing"') == 20
    earlier = re.search(r'href="(\?before=[^"]+)"', first)
    assert earlier
    assert client.get(f"/transfer/history/{html.unescape(earlier[1])}").content.decode().count('class="thing"') == 3
    for before in ("nonsense", "2026-99-99", "2026-01-01", "\0"):
        assert client.get("/transfer/history/", {"before": before}).status_code == 200


def test_a_protected_account_sends_nothing(client: Client, anna: Line, maria: Line) -> None:
    page = ask(client, maria.number)
    identity_models.Account.objects.update(frozen_at=NOW)
    frozen = security.browser(anna)
    session = frozen.session
    session["frozen"] = True
    session.save()
    for address, form in ((page, {"way": "sms"}), ("/transfer/", {"number": maria.number, "amount": "300"})):
        assert frozen.post(address, form).status_code == 302
    assert not identity_models.Challenge.objects.filter(purpose="money").exists()
    assert models.Transfer.objects.count() == 1


def test_the_form_is_not_filled_from_another_persons_wish(client: Client, anna: Line, maria: Line) -> None:
    page = ask(client, maria.number)
    stranger = security.browser(make.rich(), mark="b")
    wish = page.split("/")[2]
    assert maria.number[-4:] not in stranger.get(f"/transfer/?again={wish}").content.decode().replace("-", "")
