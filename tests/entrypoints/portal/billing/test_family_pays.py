"""The page of who pays for whom, as both sides see it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.identity import models as identity_models
from abonent.domains.lines.queries import Line
from tests.entrypoints.portal.billing.test_transfers import code_sent, said_by
from tests.factories import lines, security
from tests.factories import transfers as make
from tests.factories.transfers import form_of, said

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def payer() -> Line:
    return make.rich(500_000)


@pytest.fixture
def member() -> Line:
    return make.maria(1_000)


@pytest.fixture
def client(payer: Line) -> Client:
    return security.browser(payer)


def invite(client: Client, payer: Line, number: str, cap: str = "1000") -> str:
    form = {"form": form_of(client, "/family/"), "number": number, "amount": cap}
    page = client.post("/family/", form)["Location"]
    identity_models.NumberGuard.objects.update(sends=[])
    code = client.post(page, {"way": "sms"})["Location"]
    response = client.post(code, {"code": code_sent(payer.number)})
    assert response["Location"] == "/family/?invited"
    return str(page)


def test_vas_6_invited_agreed_covered_and_ended(client: Client, payer: Line, member: Line) -> None:
    form = {"form": form_of(client, "/family/"), "number": member.number, "amount": "1 000"}
    page = client.post("/family/", form)["Location"]
    text = said(client, page)
    for words in ("Платить за", "Не больше в месяц 1 000,00 ₽", "Спишем сейчас ничего"):
        assert words in text.replace("\xa0", " "), words
    assert "Мария" not in text
    code = client.post(page, {"way": "sms"})["Location"]
    assert "До 1 000,00 ₽ в месяц" in said(client, code).replace("\xa0", " ")
    assert client.post(code, {"code": code_sent(payer.number)})["Location"] == "/family/?invited"
    assert "Мария" not in said(client, "/family/")
    theirs = security.browser(member, mark="m")
    text = said(theirs, "/family/")
    assert "Анна О***" in text
    assert payer.number[-7:] not in theirs.get("/family/").content.decode()
    agree = re.search(r'action="(/family/[0-9a-f-]+/agree/)"', theirs.get("/family/").content.decode())
    assert agree
    assert theirs.post(agree[1])["Location"] == "/family/?agreed"
    assert make.balances(payer, member) == [470_000, 31_000]
    assert "300,00 ₽ из 1 000,00 ₽ в этом месяце" in said(client, "/family/").replace("\xa0", " ")
    assert "Мария К***" in said(client, "/family/")
    assert "За вас заплатили" in said(theirs, "/transfer/")
    assert theirs.post(agree[1].replace("agree", "end"))["Location"] == "/family/?ended"
    assert "закончилось" in said(client, "/family/")
    assert "Никто" in said(theirs, "/family/")


def test_id_17_nothing_tells_whether_an_invited_number_is_anybodys(client: Client, payer: Line, member: Line) -> None:
    for number in (member.number, "+79009999999"):
        invite(client, payer, number)
    rows = re.findall(r'<li class="pay">.*?</li>', client.get("/family/").content.decode(), re.S)
    alike = {re.sub(r"[0-9a-f-]{36}|\+7\xa09\d\d\xa0···-\d\d-\d\d|value=\"[^\"]+\"", "", row) for row in rows}
    assert (len(rows), len(alike)) == (2, 1)


def test_sec_strangers_neither_see_agree_nor_end(client: Client, payer: Line, member: Line) -> None:
    page = invite(client, payer, member.number)
    own = page.removesuffix("confirm/")
    stranger = security.browser(make.rich(), mark="b")
    for address in ("agree/", "end/", "confirm/", "confirm/code/", "confirm/code/again/"):
        assert stranger.post(f"{own}{address}").status_code == 404, address
        assert stranger.post(f"/family/{uuid4()}/{address}").status_code == 404
    assert "***" not in said(stranger, "/family/")
    # The payer does not agree for the member.
    assert client.post(f"{own}agree/").status_code == 404
    assert models.FamilyPay.objects.get().state == "invited"


@pytest.mark.parametrize(
    ("number", "amount", "words"),
    [
        ("", "1000", "Введите номер"),
        ("+375291234567", "1000", "другой страны"),
        ("{}", "299,99", "От 300,00 ₽ до 10 000,00 ₽"),
        ("{}", "10 000,01", "От 300,00 ₽ до 10 000,00 ₽"),
        ("{}", "много", "цифрами"),
        ("{}", "-1", "без минуса"),
    ],
)
def test_bad_input_is_said_and_loses_nothing(
    client: Client, member: Line, number: str, amount: str, words: str
) -> None:
    typed = {"form": str(uuid4()), "number": number.format(member.number), "amount": amount}
    response = client.post("/family/", typed)
    assert words in said_by(response).replace("\xa0", " ")
    assert html.escape(amount) in response.content.decode()
    assert not models.FamilyPay.objects.exists()


def test_a_refusal_is_said_on_the_page_before_any_code(client: Client, payer: Line) -> None:
    form = {"form": str(uuid4()), "number": payer.number, "amount": "1000"}
    page = client.post("/family/", form)["Location"]
    assert "тот же баланс" in said(client, page)
    assert client.post(page, {"way": "sms"}).status_code == 200
    assert not identity_models.Challenge.objects.filter(purpose="money").exists()


def test_a_late_answer_is_said(client: Client, payer: Line, member: Line) -> None:
    own = invite(client, payer, member.number).removesuffix("confirm/")
    client.post(f"{own}end/")
    theirs = security.browser(member, mark="m")
    assert theirs.post(f"{own}agree/")["Location"] == "/family/?late"
    assert "больше не действует" in said(theirs, "/family/?late")
    assert make.balances(payer, member) == [500_000, 1_000]


def test_a_child_on_the_contract_promises_none_of_its_money(payer: Line, member: Line) -> None:
    child = lines.line(contract_id=payer.contract_id, is_main=False)
    client = security.browser(child)
    page = client.post("/family/", {"form": str(uuid4()), "number": member.number, "amount": "1000"})["Location"]
    assert "основной номер" in said(client, page)
