"""Proposals of money in the consoles (OPS-3): the form on the card, the queue, one proposal and the word about it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from abonent.domains.lines.queries import Line
from abonent.domains.payments import models as payments_models
from abonent.domains.support import models, queries
from abonent.domains.support.rules import Role
from tests.drills.hostile import EVIL
from tests.factories import cabinet, payments, support
from tests.factories import corrections as make
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
QUEUE = "/staff/money/"


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


@pytest.fixture
def agent() -> queries.Agent:
    return support.agent(Role.CONTACT_CENTRE)


@pytest.fixture
def client(agent: queries.Agent) -> Client:
    return support.browser(agent)


def typed(client: Client, address: str, **changes: str) -> dict[str, str]:
    """Return the form as it is shown, filled in: 120.50 for the trouble."""
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', client.get(address).content.decode())
    assert key
    given = {"key": key[1], "thing": "", "amount": "120,50", "reason": "goodwill", "comment": "Три дня без связи"}
    return given | changes


def nothing_proposed() -> bool:
    return not models.Proposal.objects.exists() and not models.Done.objects.exists()


def test_ops_3_an_agent_proposes_and_a_supervisor_agrees_on_the_pages(client: Client, agent: queries.Agent) -> None:
    line = make.customer(20_000)
    address = f"/staff/case/{support.checked(agent, line)}/credit/"
    page = words(client, address)
    assert "Без списания: до 300,00 ₽ в обращении, до 1 000,00 ₽ в день." in page
    assert "Баланс счёта: 200,00 ₽" in page
    response = client.post(address, typed(client, address))
    assert response["Location"].endswith("?done=credit")
    assert "Предложено зачисление" in words(client, response["Location"])
    [proposal] = models.Proposal.objects.all()
    own = words(client, f"{QUEUE}{proposal.pk}/")
    assert "Ваше решение" not in own
    senior = support.browser(support.agent(Role.SUPERVISOR))
    assert "1 предложение ждёт" in words(senior, "/staff/")
    assert "Зачислить на счёт: +120,50 ₽" in words(senior, QUEUE)
    shown = words(senior, f"{QUEUE}{proposal.pk}/")
    for said in ("Три дня без связи", "Компенсация за неудобства", "Баланс 200,00 ₽", "Баланс после 320,50 ₽"):
        assert said in shown, said
    assert line.number[2:] not in re.sub(r"\D", "", shown), "who decides need not know the number"
    assert senior.post(f"{QUEUE}{proposal.pk}/", {"answer": "yes"})["Location"] == f"{QUEUE}?agreed"
    assert make.moved(line) == (32_050, 12_050, 1, 1)
    assert "Выполнено" in words(senior, QUEUE)
    assert "+120,50 ₽" in words(client, QUEUE)
    assert "Корректировки" in words(client, f"{address.removesuffix('credit/')}?show=money")


WRONG = (
    ("amount", "", "Введите сумму в рублях"), ("amount", "0", "Введите сумму в рублях"),
    ("amount", "-5", "Введите сумму в рублях"), ("amount", "300,01", "можно предложить ещё 300,00 ₽"),
    ("amount", "99999999999", "Введите сумму"), ("reason", "", "Выберите причину"),
    ("reason", "paid twice", "Выберите из того"), ("comment", "  ", "Напишите, что произошло"),
    ("thing", "00000000-0000-4000-8000-000000000000", "Выберите из того"),
    ("comment", "x" * 501, ""), ("key", "x", ""),
    ("amount", EVIL, "Введите сумму в рублях"), ("amount", "\0", ""),
)  # fmt: skip


def test_ops_3_what_cannot_be_proposed_comes_back_with_what_to_do(client: Client, agent: queries.Agent) -> None:
    line = make.customer()
    address = f"/staff/case/{support.checked(agent, line)}/credit/"
    for field, value, said in WRONG:
        response = client.post(address, typed(client, address, **{field: value}))
        assert response.status_code == 200, (field, value)
        page = response.content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert "error-summary" in page, (field, value)
        assert said in page, (field, value)
        if field != "comment":
            assert "Три дня без связи" in page, "what was typed is kept"
    assert nothing_proposed()


def test_ops_3_before_the_check_and_on_anothers_account_nothing_is_proposed(
    client: Client, agent: queries.Agent
) -> None:
    line, other = make.customer(), make.customer()
    case_id = support.case(agent, line)
    address = f"/staff/case/{case_id}/credit/"
    assert "Баланс счёта" not in words(client, address)
    given = {"key": str(uuid4()), "amount": "10", "reason": "goodwill", "comment": "x"}
    assert client.post(address, given).status_code == 409
    for question, said in (("code word", support.CODE_WORD), ("birth date", "31.12.1980")):
        client.post(f"/staff/case/{case_id}/answer/", {"question": question, "said": said})
    assert client.post(address, given | {"line": str(other.id)}).status_code == 404
    assert client.get(f"{address}?line={other.id}").status_code == 404
    assert client.post(f"/staff/case/{case_id}/credit/ask/").status_code == 404
    assert nothing_proposed()


def test_ops_3_a_charge_is_named_and_another_account_of_the_customer_chosen(
    client: Client, agent: queries.Agent
) -> None:
    line = make.customer()
    charge_id = make.charge(line, 60_000)
    second = cabinet.another(line, "+79005550011", "svobodny")
    address = f"/staff/case/{support.checked(agent, line)}/credit/"
    assert "Абонентская плата" in words(client, address)
    sent = typed(client, address, thing=str(charge_id), amount="600", reason="wrong charge")
    assert client.post(address, sent).status_code == 302
    sent = typed(client, f"{address}?line={second.id}") | {"line": str(second.id)}
    assert client.post(address, sent).status_code == 302
    rows = models.Proposal.objects.order_by("amount_minor")
    assert [(one.line_id, one.charge_id, one.amount_minor) for one in rows] == [
        (second.id, None, 12_050), (line.id, charge_id, 60_000),
    ]  # fmt: skip


def test_ops_3_a_payment_is_chosen_to_go_back(client: Client, agent: queries.Agent, bank: payments.Bank) -> None:
    line = make.customer(0)
    case_id = support.checked(agent, line)
    address = f"/staff/case/{case_id}/refund/"
    assert "возвращать таким путём нечего" in words(client, address)
    payment_id = make.paid(bank, line)
    assert "500,00 ₽, MIR •• 4321" in words(client, address)
    without = client.post(address, typed(client, address, reason="paid twice"))
    assert "Выберите платёж, который возвращается" in without.content.decode()
    sent = typed(client, address, thing=str(payment_id), amount="500", reason="paid twice")
    assert client.post(address, sent).status_code == 302
    assert models.Proposal.objects.get().payment_id == payment_id


def waiting(of: queries.Agent, line: Line, amount_minor: int = 10_000, **more: Any) -> UUID:
    return make.proposed(of, support.checked(of, line), amount_minor=amount_minor, **more)


def test_ops_3_declining_asks_for_a_reason_and_deciding_again_changes_nothing(agent: queries.Agent) -> None:
    line = make.customer()
    address = f"{QUEUE}{waiting(agent, line)}/"
    senior = support.browser(support.agent(Role.SUPERVISOR))
    empty = senior.post(address, {"answer": "no", "reason": " "})
    assert empty.status_code == 200
    assert "Напишите, почему нет" in empty.content.decode()
    assert senior.post(address, {"answer": "no", "reason": "Обрыва не было"})["Location"] == f"{QUEUE}?declined"
    assert senior.post(address, {"answer": "yes"}).status_code == 409
    assert make.moved(line)[1:] == (0, 0, 0)
    assert "Обрыва не было" in words(support.browser(agent), address)


def test_ops_3_who_may_not_agree_to_so_much_is_told_who_may(agent: queries.Agent) -> None:
    line = make.customer(500_000)
    charge_id = make.charge(line, 150_000)
    address = f"{QUEUE}{waiting(agent, line, 150_000, reason='wrong charge', charge_id=charge_id)}/"
    senior = support.browser(support.agent(Role.SUPERVISOR))
    page = words(senior, address)
    assert "не больше 1 000,00 ₽. О большем решает бухгалтерия" in page
    assert "Согласиться" not in page
    assert senior.post(address, {"answer": "yes"}).status_code == 409
    assert make.moved(line)[1:] == (0, 0, 0)


def test_ops_3_anothers_proposal_is_not_there_for_an_agent(agent: queries.Agent) -> None:
    address = f"{QUEUE}{waiting(agent, make.customer())}/"
    stranger = support.browser(support.agent(Role.SHOP))
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"answer": "yes"}).status_code == 404
    assert "Ваших предложений в очереди нет" in words(stranger, QUEUE)


def test_ops_3_accounting_sees_the_payments_that_need_a_person(bank: payments.Bank) -> None:
    payment_id = make.paid(bank, make.customer(0))
    accountant = support.browser(support.agent(Role.ACCOUNTING))
    assert "чего не может быть" not in words(accountant, QUEUE)
    payments_models.Payment.objects.filter(id=payment_id).update(problem="denied later")
    page = words(accountant, QUEUE)
    assert f"{payment_id} · denied later" in page
    assert str(payment_id) not in words(support.browser(support.agent(Role.SUPERVISOR)), QUEUE)


def test_ops_3_the_pages_take_so_many_queries_with_much_data(agent: queries.Agent) -> None:
    line = make.customer(500_000)
    for _ in range(30):
        make.charge(line, 1_000)
    case_id = support.checked(agent, line)
    ids = [make.proposed(agent, case_id, amount_minor=1_000) for _ in range(12)]
    accountant = support.browser(support.agent(Role.ACCOUNTING))
    assert cabinet.queries_of(accountant, QUEUE) <= 8
    assert cabinet.queries_of(accountant, f"{QUEUE}{ids[0]}/") <= 24
    assert cabinet.queries_of(support.browser(agent), f"/staff/case/{case_id}/credit/") <= 48
