"""Pages of a top-up: the form, the question, the one page for what became of it; what a hostile hand gets."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import models, queries
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing.rules import Role
from abonent.domains.payments.ports import Method, Reason
from abonent.foundation.clock import now
from tests.factories import cabinet, identity, payments, sharing
from tests.factories import topups as make
from tests.factories.topups import CONFIRM, FORM, hidden, nothing_happened, pay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


@pytest.fixture
def anna() -> Line:
    return cabinet.line()


@pytest.fixture
def client(anna: Line) -> Client:
    return identity.browser(anna)


def test_cab_6_strangers_sign_in_first() -> None:
    for address in ("/pay/", "/topup/", CONFIRM, f"/topup/{uuid4()}/", "/cards/", "/payments/"):
        assert Client().get(address)["Location"].startswith("/login/?next=")


def test_cab_6_the_form_offers_exactly_what_is_missing(client: Client) -> None:
    text = cabinet.words(client, "/topup/")
    for said in (
        "Пополнить",
        "Ровно 650,00 ₽ на тариф",
        "От 10,00 ₽ до 15 000,00 ₽",
        "СБП по QR-коду",
        "Баланс 0,00 ₽",
    ):
        assert said in text, said
    assert 'value="167.44"' in client.get("/topup/?amount=167.44").content.decode()


def test_cab_6_asks_before_anything_is_paid(client: Client, anna: Line, bank: payments.Bank) -> None:
    text = cabinet.words(client, f"{CONFIRM}?amount=500,50&way=card&save=1")
    for said in ("Заплатить 500,50 ₽?", "Баланс после 500,50 ₽", "не хватать ещё 149,50 ₽", "Карту хранит банк"):
        assert said in text, said
    assert bank.calls == []
    assert nothing_happened()


def test_cab_6_a_card_is_paid_at_the_bank_and_the_page_lasts(client: Client, anna: Line, bank: payments.Bank) -> None:
    topup_id, there = pay(client)
    assert there == f"/topup/{topup_id}/?go"
    leading = client.get(there).content.decode()
    assert f'http-equiv="refresh" content="0;url={payments.ORIGIN}/pay/{topup_id}"' in leading
    address = f"/topup/{topup_id}/"
    assert "Ждём оплату" in cabinet.words(client, address)
    bank.pay(topup_id)
    assert client.get(f"{address}?back")["Location"] == address
    receipt = cabinet.words(client, address)
    for said in ("Баланс пополнен", "500,00 ₽", "MIR •• 4321", "Баланс сейчас 500,00 ₽", "Чек, PDF"):
        assert said in receipt, said
    # The reason is written down a moment later; the receipt stays the same.
    make.hear()
    assert cabinet.words(client, address) == receipt
    assert "Баланс пополнен" in cabinet.words(client, f"/payments/{topup_id}/")


@pytest.mark.parametrize(
    ("reason", "said"),
    [(Reason.FUNDS, "не хватает денег"), (Reason.EXPIRED_CARD, "Срок карты"), (Reason.BANK, "не сказал почему")],
)
def test_cab_6_says_why_nothing_was_paid_and_what_next(
    client: Client, bank: payments.Bank, reason: Reason, said: str
) -> None:
    topup_id, _ = pay(client)
    bank.decline(topup_id, reason)
    client.post(f"/topup/{topup_id}/")
    text = cabinet.words(client, f"/topup/{topup_id}/")
    for words in ("Платёж не прошёл", said, "Деньги не списаны", "Заплатить другим способом"):
        assert words in text, words


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_of_the_bank_has_words_and_a_way_on(client: Client, bank: payments.Bank, reason: Reason) -> None:
    topup_id, _ = pay(client)
    bank.decline(topup_id, reason)
    client.post(f"/topup/{topup_id}/")
    page = client.get(f"/topup/{topup_id}/").content.decode()
    status = re.search(r'<div role="status">(.*?)</div>', page, re.S)
    assert status
    assert len(re.findall(r"<p[^>]*>\s*\w", status[1])) == 2


def test_cab_6_what_the_bank_did_not_answer_stays_unknown(client: Client, bank: payments.Bank) -> None:
    bank.lost.append("register")
    topup_id, _ = pay(client)
    address = f"/topup/{topup_id}/"
    page = client.get(address).content.decode()
    assert "Спрашиваем банк" in page
    assert "Дважды ничего не спишется" in page
    assert '<noscript><meta http-equiv="refresh" content="5">' in page
    bank.down.add("status")
    client.post(address)
    assert "Спрашиваем банк" in cabinet.words(client, address)
    bank.down.clear()
    bank.pay(topup_id)
    with time_machine.travel(now() + timedelta(minutes=5)):
        client.post(address)
        assert "Баланс пополнен" in cabinet.words(client, address)
    assert len(bank.orders) == 1


def test_cab_6_shows_a_code_for_bank_apps(client: Client, bank: payments.Bank) -> None:
    topup_id, there = pay(client, way="sbp")
    page = client.get(there).content.decode()
    assert "<svg" in page
    assert f'href="{payments.ORIGIN}/sbp/{topup_id}"' in page
    assert "Открыть приложение банка" in page


def test_cab_6_shows_a_code_for_a_terminal(client: Client, bank: payments.Bank) -> None:
    topup_id, there = pay(client, way="cash")
    code = bank.orders[topup_id].order.cash_code
    text = cabinet.words(client, there)
    assert code in re.sub(r"(?<=\d) (?=\d)", "", text)
    assert "Код действует до" in text


def test_cab_6_pays_with_a_saved_card_and_says_which(client: Client, anna: Line, bank: payments.Bank) -> None:
    card_id = payments.saved_card(bank, payer_id=make.account_id(anna))
    assert f'value="card-{card_id}" checked' in client.get("/topup/").content.decode()
    assert "MIR •• 4321" in cabinet.words(client, f"{CONFIRM}?amount=300&way=card-{card_id}")
    topup_id, there = pay(client, amount="300", way=f"card-{card_id}")
    assert f"url={payments.ORIGIN}/pay/{topup_id}" in client.get(there).content.decode()
    assert bank.orders[topup_id].order.token
    bank.pay(topup_id)
    client.post(f"/topup/{topup_id}/")
    assert "Баланс пополнен" in cabinet.words(client, f"/topup/{topup_id}/")
    assert queries.balance(anna.contract_id) == 30_000


def test_sec_a_saved_card_pays_for_others_only_after_a_fresh_proof(
    client: Client, anna: Line, bank: payments.Bank
) -> None:
    card_id = payments.saved_card(bank, payer_id=make.account_id(anna))
    fields = FORM | {"way": f"card-{card_id}", "to": "other", "number": "+79000000055", "id": str(uuid4())}
    with time_machine.travel(now() + timedelta(minutes=40)):
        for response in (client.get(CONFIRM, fields), client.post(CONFIRM, fields)):
            assert response["Location"].startswith("/login/confirm/?next=%2Ftopup%2Fconfirm%2F%3F")
        assert client.get(CONFIRM, FORM | {"way": f"card-{card_id}"}).status_code == 200
    assert not models.TopUp.objects.exists()


def test_sec_a_line_that_is_shared_is_paid_for_as_somebody_elses(
    client: Client, anna: Line, bank: payments.Bank
) -> None:
    """CAB-15: a saved card asks for a fresh proof though the line can be chosen."""
    line = sharing.boris()
    sharing.shared(anna, line, Role.VIEWER)
    assert client.post("/line/", {"line": line.id})["Location"] == "/home/"
    fields = FORM | {"way": f"card-{payments.saved_card(bank, payer_id=make.account_id(anna))}", "to": str(line.id)}
    assert client.get(CONFIRM, fields).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=40)):
        assert client.get(CONFIRM, fields)["Location"].startswith("/login/confirm/")
    fields["to"] = str(anna.id)
    assert "Выберите номер" in client.get(CONFIRM, fields).content.decode(), "ones own is not within reach here"


def test_cab_6_a_double_click_is_one_charge(client: Client, bank: payments.Bank) -> None:
    sent = hidden(client)
    led = {client.post(CONFIRM, sent)["Location"] for _ in range(3)}
    assert led == {f"/topup/{sent['id']}/?go"}
    assert bank.calls.count("register") == 1


def test_cab_6_two_tabs_are_one_charge_and_the_page_says_so(client: Client, bank: payments.Bank) -> None:
    one, other = hidden(client), hidden(client)
    client.post(CONFIRM, one)
    there = client.post(CONFIRM, other)["Location"]
    assert there == f"/topup/{one['id']}/?same"
    assert "второй раз ничего не списали" in cabinet.words(client, there)
    assert len(bank.orders) == 1


def test_cab_6_back_after_paying_asks_whether_to_pay_twice(client: Client, bank: payments.Bank) -> None:
    topup_id, _ = pay(client)
    bank.pay(topup_id)
    client.post(f"/topup/{topup_id}/")
    text = cabinet.words(client, f"{CONFIRM}?{urlencode(FORM)}")
    for said in ("Такой же платёж вы начали 1 мин назад", "Заплатить 500,00 ₽ ещё раз"):
        assert said in text, said
    pay(client)
    assert len(bank.orders) == 2


def test_cab_6_two_devices_are_one_charge(client: Client, anna: Line, bank: payments.Bank) -> None:
    phone, one = client, hidden(client)
    with time_machine.travel(now() + timedelta(minutes=12)):
        laptop = identity.browser(anna)
        other = hidden(laptop)
    phone.post(CONFIRM, one)
    assert laptop.post(CONFIRM, other)["Location"].endswith("?same")
    assert len(bank.orders) == 1


def test_cab_6_an_old_form_is_shown_anew(client: Client, bank: payments.Bank) -> None:
    sent = hidden(client)
    client.post(CONFIRM, sent)
    for changed in (sent | {"amount": "700"}, sent | {"id": "no-id"}, sent | {"id": ""}):
        there = client.post(CONFIRM, changed)["Location"]
        assert "Та форма устарела" in cabinet.words(client, there)
    assert len(bank.orders) == 1


def test_cab_6_pays_for_another_number_and_tells_nothing_of_its_owner(client: Client, bank: payments.Bank) -> None:
    boris = cabinet.line("+79000000055")
    fields = {"to": "other", "number": "8 (900) 000-00-55"}
    text = cabinet.words(client, f"{CONFIRM}?{urlencode(FORM | fields)}")
    assert "+7 900 000-00-55" in text
    assert "Баланс" not in text.split("Заплатить 500,00 ₽?")[1].split("Проверьте")[0]
    topup_id, _ = pay(client, **fields)
    bank.pay(topup_id)
    client.post(f"/topup/{topup_id}/")
    make.hear()
    for address in (f"/topup/{topup_id}/", f"/payments/{topup_id}/"):
        receipt = cabinet.words(client, address)
        assert "Номер оплачен" in receipt
        assert "MIR •• 4321" in receipt
        assert "Баланс" not in receipt
    assert queries.balance(boris.contract_id) == 50_000
    theirs = identity.browser(boris)
    receipt = cabinet.words(theirs, f"/payments/{topup_id}/")
    assert "…0001" in receipt
    for page in (receipt, cabinet.words(theirs), cabinet.words(theirs, "/statement/")):
        assert "500,00 ₽" in page
        assert "4321" not in page
    assert theirs.get(f"/topup/{topup_id}/").status_code == 404


def test_id_17_a_number_of_nobody_looks_like_a_number_of_somebody_until_it_is_paid(
    client: Client, bank: payments.Bank
) -> None:
    cabinet.line("+79000000055")
    pages = []
    for number in ("+79000000055", "+79000009999"):
        fields = {"to": "other", "number": number}
        text = cabinet.words(client, f"{CONFIRM}?{urlencode(FORM | fields)}")
        topup_id, there = pay(client, **fields)
        for address in (there, f"/topup/{topup_id}/"):
            text += cabinet.words(client, address)
        digits = re.sub(r"[\d-]*[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}", "", text)
        pages.append(re.sub(r"\+7 900 000-\d\d-\d\d", "", digits))
    assert pages[0] == pages[1]


def test_id_17_money_for_nobodys_number_is_on_the_own_balance_and_the_receipt_says_so(
    client: Client, anna: Line, bank: payments.Bank
) -> None:
    topup_id, _ = pay(client, to="other", number="+79000009999")
    bank.pay(topup_id)
    client.post(f"/topup/{topup_id}/")
    make.hear()
    for address in (f"/topup/{topup_id}/", f"/payments/{topup_id}/"):
        text = cabinet.words(client, address)
        assert "Деньги пришли на ваш баланс" in text
        assert "Баланс сейчас 500,00 ₽" in text


def test_sec_another_persons_top_up_answers_like_a_missing_one(client: Client, bank: payments.Bank) -> None:
    stranger = identity.browser(cabinet.line("+79000000055"))
    topup_id, _ = pay(stranger)
    absent = uuid4()
    for path in ("/topup/{}/", "/payments/{}/", "/payments/{}/receipt.pdf"):
        theirs, nobodys = (client.get(path.format(one)) for one in (topup_id, absent))
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.content.replace(str(topup_id).encode(), b"") == nobodys.content.replace(str(absent).encode(), b"")
    assert client.post(f"/topup/{topup_id}/").status_code == 404
    assert "status" not in bank.calls


def test_cab_6_an_own_number_typed_is_the_own_line(client: Client, anna: Line) -> None:
    text = cabinet.words(client, f"{CONFIRM}?{urlencode(FORM | {'to': 'other', 'number': '9000000001'})}")
    assert "Баланс после 500,00 ₽" in text


def test_cab_6_limits_of_the_day_are_said_with_what_is_left(client: Client, bank: payments.Bank) -> None:
    for amount in ("15000", "14999"):
        pay(client, amount=amount)
    response = client.post(CONFIRM, hidden(client, amount="14998"))
    assert "Сегодня можно пополнить ещё на 10 001,00 ₽" in response.content.decode().replace("\xa0", " ")
    assert len(bank.orders) == 2


def test_cab_6_without_a_gateway_nothing_is_offered(client: Client, settings: Any) -> None:
    settings.PAYMENT_GATEWAY = ""
    for address in ("/pay/", "/topup/"):
        assert "Сейчас здесь заплатить нельзя" in cabinet.words(client, address)
    assert 'href="/topup/"' not in client.get("/home/").content.decode()
    assert client.post(CONFIRM, FORM | {"id": str(uuid4())}).status_code == 200
    assert nothing_happened()


def test_cab_6_a_way_that_the_gateway_does_not_offer_is_not_there(client: Client, bank: payments.Bank) -> None:
    bank.methods = (Method.CARD,)
    text = cabinet.words(client, "/topup/")
    assert "СБП" not in text
    assert "Выберите, как заплатить" in cabinet.words(client, f"{CONFIRM}?amount=500&way=sbp")


def test_a_top_up_broken_off_before_the_bank_was_asked_says_so(client: Client, bank: payments.Bank, anna: Line) -> None:
    topup_id, _ = pay(client)
    billing_rows = models.TopUp.objects.filter(id=topup_id)
    lost = uuid4()
    billing_rows.update(id=lost)
    text = cabinet.words(client, f"/topup/{lost}/")
    assert "Платёж не начался" in text
    assert "Деньги не списаны" in text


def test_perf_the_pages_ask_the_same_number_of_queries_whatever_there_is(
    client: Client, anna: Line, bank: payments.Bank
) -> None:
    topup_id = make.paid(bank, make.order(anna))
    addresses = ("/pay/", "/topup/", f"{CONFIRM}?amount=500&way=card", f"/topup/{topup_id}/")
    # A process reads a tariff once and remembers it.
    client.get("/pay/")
    before = [cabinet.queries_of(client, address) for address in addresses]
    for number in range(12):
        cabinet.another(anna, f"+79000001{number:03}", "legky")
        make.paid(bank, make.order(anna, amount_minor=10_000 + number))
    assert [cabinet.queries_of(client, address) for address in addresses] == before
    assert before == [4, 6, 7, 8]


def test_cab_6_many_lines_fold_into_a_list(client: Client, anna: Line) -> None:
    for number in range(5):
        last = cabinet.another(anna, f"+7900000010{number}", "legky")
    page = client.get(f"/topup/?to={last.id}").content.decode()
    assert f'<option value="{last.id}" selected>' in page
    assert "+7 900 000-01-04" in page.replace("\xa0", " ")
    assert "Баланс после" in cabinet.words(client, f"{CONFIRM}?amount=500&way=card&to={last.id}")
