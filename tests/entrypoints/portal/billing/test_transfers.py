"""The pages of transfers: what they say, what bad input gets, what a hostile hand gets."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers import queries as transfers_queries
from abonent.domains.billing.transfers.states import State
from abonent.domains.identity import models as identity_models
from abonent.domains.identity.rules import Proof
from abonent.domains.lines import models as line_models
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories import factors, identity, lines, security
from tests.factories import transfers as make
from tests.factories.cabinet import queries_of
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


def test_cab_9_says_the_price_first_and_moves_the_money_after_the_code(client: Client, anna: Line, maria: Line) -> None:
    page = ask(client, f"8 ({maria.number[2:5]}) {maria.number[5:]}", "100,00 ₽")
    text = said(client, page)
    for words in ("Перевести 100,00 ₽?", "Спишем сейчас 105,00 ₽", "Мария К***", "Баланс после 895,00 ₽"):
        assert words in text, words
    assert make.balances(anna, maria) == [100_000, 0]
    code = code_page(client, page, anna)
    assert "100,00 ₽ → Мария К***" in said(client, code)
    response = client.post(code, {"code": code_sent(anna.number)})
    receipt = response["Location"]
    assert make.balances(anna, maria) == [89_500, 10_000]
    text = said(client, receipt)
    for words in ("Переведено", "Мария К***", "Списано с баланса 105,00 ₽", MOSCOW_NOON):
        assert words in text, words
    assert maria.number not in client.get(receipt).content.decode()
    for address in (page, code):
        assert client.get(address)["Location"] == receipt
    paper = client.get(f"{receipt}receipt.pdf")
    assert (paper["Content-Type"], paper.content[:4]) == ("application/pdf", b"%PDF")
    for address in ("/transfer/", "/transfer/history/"):
        assert "−105,00 ₽" in said(client, address)


def test_the_receiver_sees_it_too_and_half_the_senders_number(client: Client, anna: Line, maria: Line) -> None:
    receipt = send(client, anna, maria)
    theirs = security.browser(maria)
    text = said(theirs, receipt)
    for words in ("Пришло на ваш баланс", "Анна О***", "300 ,00"):
        assert words in text, words
    assert "Комиссия" not in text
    assert "+300,00 ₽" in said(theirs, "/transfer/")
    for address in (receipt, "/transfer/", "/transfer/history/", "/home/", "/statement/"):
        assert anna.number[-7:] not in theirs.get(address).content.decode(), address
    assert theirs.get(f"{receipt}receipt.pdf").status_code == 200


def test_the_statement_and_the_home_page_name_it(client: Client, anna: Line, maria: Line) -> None:
    send(client, anna, maria)
    assert "Перевод абоненту" in said(client, "/home/")
    text = said(client, "/statement/?type=transfer")
    assert "Записей 2" in text
    assert "Абонентская плата −" not in text
    assert "Записей 0" in said(client, "/statement/?type=fees") or "ничего" in said(client, "/statement/?type=fees")
    charge = re.search(r"/statement/charge/[0-9a-f-]+/", client.get("/statement/?type=transfer").content.decode())
    assert charge
    assert "перевод" in said(client, charge[0]).lower()
    assert "Переводы" in said(client, "/expenses/")
    assert b"transfer" not in b"".join(client.get("/statement/statement.csv"))
    assert "Перевод от" in said(security.browser(maria), "/statement/")


def test_cab_2_what_is_missing_is_named_to_the_kopeck_with_the_way_out(maria: Line) -> None:
    poor = make.rich(20_017)
    client = security.browser(poor)
    page = ask(client, maria.number)
    text = said(client, page)
    assert "не хватает 154,83 ₽" in text.replace("\xa0", " ")
    assert 'href="/topup/?amount=154.83"' in client.get(page).content.decode()
    response = client.post(page, {"way": "sms"})
    assert response.status_code == 200
    assert not identity_models.Challenge.objects.filter(purpose="money").exists()
    assert make.balances(poor, maria) == [20_017, 0]
    make.top_up(poor, 15_483)
    assert "Баланс после" in said(client, page)


@pytest.mark.parametrize("number", ["+79009999999", "+79161234567", "blocked", "closed"])
def test_id_17_unknown_blocked_and_other_operators_numbers_get_one_answer(client: Client, number: str) -> None:
    if number in ("blocked", "closed"):
        line = make.rich()
        change = {"blocked_at": NOW} if number == "blocked" else {"closed_at": NOW}
        line_models.Line.objects.filter(id=line.id).update(**change)
        number = line.number
    page = ask(client, number)
    response = client.get(page)
    text = said_by(response).replace(" ", "").replace("\xa0", "").replace("-", "")
    plain = text.replace(number.removeprefix("+"), "N").replace(number.removeprefix("+7"), "N")
    assert "Наэтотномерперевестинельзя" in plain
    assert response.status_code == 200
    assert "***" not in text


def test_id_17_the_answers_are_alike_to_the_letter(client: Client) -> None:
    blocked = make.rich()
    line_models.Line.objects.filter(id=blocked.id).update(blocked_at=NOW)
    answers = set()
    for number in ("+79009999999", "+79161234567", blocked.number):
        page = ask(client, number)
        body = client.get(page).content.decode()
        body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", body)
        shown = re.sub(r"\D", "", number)[1:]
        body = re.sub(rf"\+7\xa0{shown[:3]}\xa0{shown[3:6]}-{shown[6:8]}-{shown[8:]}", "N", body)
        answers.add(body.replace(page, "P").replace(page.replace("/", "%2F"), "P").replace(number, "N"))
    assert len(answers) == 1


def test_a_name_is_shown_only_after_a_fresh_proof(anna: Line, maria: Line) -> None:
    client = security.browser(anna, by=None)
    page = ask(client, maria.number)
    response = client.get(page)
    assert response["Location"].startswith("/login/confirm/?next=")
    assert models.Transfer.objects.get().looked_up_at is None
    assert client.post(page, {"way": "sms"})["Location"].startswith("/login/confirm/?next=")
    assert not identity_models.Challenge.objects.exists()


def test_id_17_after_ten_numbers_no_name_is_looked_up(client: Client, anna: Line, maria: Line) -> None:
    for number in range(10):
        client.get(ask(client, f"+790011111{number:02}"))
    text = said(client, ask(client, maria.number))
    assert "слишком много разных номеров" in text
    assert "Мария" not in text
    assert make.balances(anna, maria) == [100_000, 0]


def test_sec_a_stranger_finds_nothing_and_a_missing_one_looks_the_same(client: Client, anna: Line, maria: Line) -> None:
    wish, done = ask(client, maria.number), send(client, anna, maria)
    stranger = security.browser(make.rich(), mark="b")
    missing = f"/transfer/{uuid4()}/"
    for address in ("", "confirm/", "confirm/code/", "receipt.pdf"):
        for own in (wish.removesuffix("confirm/"), done):
            assert stranger.get(f"{own}{address}").status_code == 404, address
        assert stranger.get(f"{missing}{address}").status_code == 404
    for address in ("confirm/", "confirm/code/", "confirm/code/again/", "ask-back/", "answer/"):
        for own in (wish.removesuffix("confirm/"), done):
            response = stranger.post(f"{own}{address}", {"way": "sms", "code": "123456", "answer": "give"})
            assert response.status_code == 404, address
    # The receiver neither sees a wish nor may do what is the sender's.
    theirs = security.browser(maria, mark="c")
    assert theirs.get(wish).status_code == 404
    assert theirs.post(f"{done}ask-back/").status_code == 404
    assert models.Transfer.objects.filter(state=State.DONE).count() == 1
    assert make.balances(anna, maria) == [69_500, 30_000]


@pytest.mark.parametrize("address", ["/transfer/", "/transfer/{}/confirm/", "/transfer/{}/confirm/code/", "/family/"])
def test_sec_a_form_of_another_site_does_nothing(anna: Line, maria: Line, address: str) -> None:
    wish = make.asked(anna, maria.number)
    trusting = security.browser(anna)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = trusting.cookies
    count = models.Transfer.objects.count()
    response = strict.post(address.format(wish.id), {"way": "sms", "number": maria.number, "amount": "300"})
    assert response.status_code == 403
    assert models.Transfer.objects.count() == count
    assert not models.FamilyPay.objects.exists()


def test_sec_a_code_asked_in_one_browser_is_no_good_in_another(client: Client, anna: Line, maria: Line) -> None:
    code = code_page(client, ask(client, maria.number), anna)
    other = security.browser(anna, mark="other")
    response = other.post(code, {"code": code_sent(anna.number)})
    assert response["Location"] == code.removesuffix("code/")
    assert make.balances(anna, maria) == [100_000, 0]
    assert client.post(code, {"code": code_sent(anna.number)}).status_code == 302
    assert make.balances(anna, maria) == [69_500, 30_000]


def test_sec_a_code_of_one_transfer_is_wrong_on_the_page_of_another(client: Client, anna: Line, maria: Line) -> None:
    first = code_page(client, ask(client, maria.number, "200"), anna)
    code = code_sent(anna.number)
    second = f"{ask(client, maria.number, '400')}"
    client.get(second)
    assert client.get(f"{second}code/")["Location"] == second
    response = client.post(f"{second}code/", {"code": code})
    assert response.status_code in (200, 302)
    assert make.balances(anna, maria) == [100_000, 0]
    assert client.post(first, {"code": code}).status_code == 302
    assert make.balances(anna, maria) == [100_000 - 20_000 - 500, 20_000]


def test_a_wrong_code_is_said_and_the_right_one_still_works(client: Client, anna: Line, maria: Line) -> None:
    code = code_page(client, ask(client, maria.number), anna)
    right = code_sent(anna.number)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    text = said_by(client.post(code, {"code": wrong}))
    assert "Код не подошёл" in text
    assert "300,00 ₽ → Мария К***" in text
    assert "6 цифр" in said_by(client.post(code, {"code": "12"}))
    assert client.post(code, {"code": f" {right[:3]}-{right[3:]} "}).status_code == 302
    assert make.balances(anna, maria) == [69_500, 30_000]


def test_two_tabs_and_the_back_button_send_once(client: Client, anna: Line, maria: Line) -> None:
    form = form_of(client)
    pages = {ask(client, maria.number, "300", form) for _ in range(3)}
    assert len(pages) == 1
    [page] = pages
    code = code_page(client, page, anna)
    typed = code_sent(anna.number)
    receipts = {client.post(code, {"code": typed})["Location"] for _ in range(3)}
    assert len(receipts) == 1
    assert ask(client, maria.number, "300", form) == page
    assert client.get(page)["Location"] in receipts
    assert make.balances(anna, maria) == [69_500, 30_000]


def test_a_code_that_is_asked_for_too_often_says_when(client: Client, anna: Line, maria: Line) -> None:
    page = ask(client, maria.number)
    code_page(client, page, anna)
    another = ask(client, maria.number, "400")
    response = client.post(another, {"way": "sms"})
    assert response.status_code == 429
    assert int(response["Retry-After"]) <= 60
    assert "Новый" in said_by(response) or "код" in said_by(response)
    assert "400,00" in said_by(response)


def test_id_18_after_a_new_sim_the_page_says_until_when_and_offers_the_rest(
    client: Client, anna: Line, maria: Line
) -> None:
    line_models.Sim.objects.create(line_id=anna.id, imsi="1", since=NOW - timedelta(days=90), until=NOW)
    line_models.Sim.objects.create(line_id=anna.id, imsi="2", since=NOW - timedelta(hours=50))
    page = ask(client, maria.number)
    text = said(client, page)
    assert "SIM-карту этого номера недавно заменили" in text or "недавно" in text
    assert "/security/factors/" in client.get(page).content.decode()
    assert client.post(page, {"way": "sms"}).status_code == 200
    assert not identity_models.Challenge.objects.filter(purpose="money").exists()


def test_id_15_the_app_proves_it_on_the_page_itself(client: Client, anna: Line, maria: Line) -> None:
    account_id = factors.with_totp(make.account_of(anna))
    page = ask(client, maria.number)
    assert "Код из приложения" in said(client, page) or "приложени" in said(client, page)
    response = client.post(page, {"way": "app", "code": "12"})
    assert "6 цифр" in said_by(response)
    response = client.post(page, {"way": "app", "code": factors.wrong_code(account_id, now())})
    assert response.status_code == 200
    assert make.balances(anna, maria) == [100_000, 0]
    assert client.post(page, {"way": "sms"}).status_code == 200
    response = client.post(page, {"way": "app", "code": factors.totp_code(account_id, now())})
    assert response["Location"] == page.removesuffix("confirm/")
    assert make.balances(anna, maria) == [69_500, 30_000]


def test_wrong_codes_of_the_app_are_paused(client: Client, anna: Line, maria: Line) -> None:
    account_id = factors.with_totp(make.account_of(anna))
    page = ask(client, maria.number)
    wrong = factors.wrong_code(account_id, now())
    for _ in range(5):
        client.post(page, {"way": "app", "code": wrong})
    response = client.post(page, {"way": "app", "code": factors.totp_code(account_id, now())})
    assert response.status_code == 429
    assert "Retry-After" in response
    assert make.balances(anna, maria) == [100_000, 0]


def test_a_transfer_that_was_refused_or_ran_out_says_so_and_begins_again(
    client: Client, anna: Line, maria: Line
) -> None:
    page = ask(client, maria.number, "900")
    code = code_page(client, page, anna)
    typed = code_sent(anna.number)
    make.drain(anna, 50_000)
    receipt = client.post(code, {"code": typed})["Location"]
    text = said(client, receipt)
    assert "Ничего не отправлено" in text
    assert "не хватает 459,00 ₽" in text.replace("\xa0", " ")
    again = re.search(r'href="(/transfer/\?again=[^"]+)"', client.get(receipt).content.decode())
    assert again
    form = client.get(again[1]).content.decode()
    assert 'value="900"' in form
    assert make.balances(anna, maria) == [50_000, 0]
    page = ask(client, maria.number, "100")
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        client = security.browser(anna)
        assert client.get(page)["Location"] == page.removesuffix("confirm/")
        assert "вовремя не подтвердили" in said(client, page.removesuffix("confirm/"))
        assert client.get(f"{page}code/")["Location"] == page.removesuffix("confirm/")


def test_perf_queries_do_not_grow_with_what_there_is(client: Client, anna: Line, maria: Line) -> None:
    counts = []
    for _ in range(2):
        page = ask(client, maria.number, "100")
        client.get(page)
        receipt = send(client, anna, maria, "50")
        counts.append(
            [queries_of(client, one) for one in ("/transfer/", "/transfer/history/", page, receipt, "/family/")]
        )
    assert counts[0] == counts[1]
    assert counts[0] == [4, 3, 22, 4, 5]


def test_a_line_without_a_number_sends_money_with_a_code_to_its_contact(maria: Line) -> None:
    anna = make.rich()
    home = lines.line(contract_id=anna.contract_id, service="internet", number="login-57", is_main=False)
    client = security.browser(anna)
    client.post("/line/", {"line": home.id, "next": "/transfer/"})
    receipt = send(client, anna, maria)
    assert "login-57" in said(client, receipt)
    assert transfers_queries.history(anna.contract_id)[0].number_from == "login-57"


def test_a_proof_by_password_is_fresh_but_moves_nothing(anna: Line, maria: Line) -> None:
    client = security.browser(anna, by=Proof.PASSWORD)
    page = ask(client, maria.number)
    for way in ("password", "email", "recovery", "", "network"):
        assert client.post(page, {"way": way, "code": "123456", "password": "x"}).status_code == 200
    assert make.balances(anna, maria) == [100_000, 0]
    assert transfers.terms_at(NOW).fee_minor(30_000) == 500
