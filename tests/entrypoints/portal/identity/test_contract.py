"""Getting in by the number of a contract or account, on the pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from abonent.domains.customers.models import Contract
from abonent.domains.identity.models import Account, Challenge, NumberGuard, SignIn
from abonent.domains.identity.rules import Purpose
from abonent.domains.lines.equipment.rules import Kind
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.entrypoints.portal.identity.browser import _held_name
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.test_hostile import NAUGHTY
from tests.factories import cabinet, fixed, identity, lines

pytestmark = pytest.mark.django_db
NUMBER, ACCOUNT, CONTACT, EMAIL = "300000001", "8800000001", "+79009998877", "dish@mail.example"
START = "/login/contract/"


@pytest.fixture
def dish() -> Line:
    """A satellite customer: a contract entered by an agent, with contacts, and no number of ours."""
    line = cabinet.line("sat-000001", service="satellite")
    Contract.objects.filter(id=line.contract_id).update(
        number=NUMBER, account_number=ACCOUNT, contact_number=CONTACT, contact_email=EMAIL, entered_at=now()
    )
    return line


def code_sent() -> str:
    """Return the code of the last request."""
    return identity.code_of(Challenge.objects.latest("created_at").id)


def ask(client: Client, number: str, channel: str = "sms") -> None:
    NumberGuard.objects.update(sends=[])
    answer = client.post(START, {"number": number, "channel": channel})
    assert (answer.status_code, answer["Location"]) == (302, f"{START}code/"), answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "channel", "recipient"),
    [(NUMBER, "sms", CONTACT), (" 8800-000 001 ", "sms", CONTACT), (ACCOUNT, "email", EMAIL), (NUMBER, "x", CONTACT)],
)
def test_id_12_the_code_of_the_contract_opens_its_cabinet(
    client: Client, dish: Line, typed: str, channel: str, recipient: str
) -> None:
    ask(client, typed, channel)
    answer = client.post(f"{START}code/", {"code": code_sent()})
    assert answer.status_code == 302
    assert Message.objects.get().recipient == recipient
    assert SignIn.objects.get().way == "contract"
    assert "sat-000001" in client.get("/home/").content.decode()


def test_fix_3_the_number_of_the_smart_card_stands_for_its_contract(client: Client, dish: Line) -> None:
    fixed.hand_out(dish, Kind.CARD, fixed.CARD)
    ask(client, f"{fixed.CARD[:4]} {fixed.CARD[4:8]} {fixed.CARD[8:]}")
    assert client.post(f"{START}code/", {"code": code_sent()}).status_code == 302
    assert SignIn.objects.get().way == "contract"
    wrong = fixed.CARD[:-1] + str((int(fixed.CARD[-1]) + 1) % 10)
    ask(Client(), wrong)
    assert Message.objects.exclude(state="withheld").count() == 1, "a card with a mistake in it gets nothing"


def test_id_12_home_expenses_and_statement_work_without_a_mobile_number(client: Client, dish: Line) -> None:
    ask(client, NUMBER)
    client.post(f"{START}code/", {"code": identity.last_code(CONTACT)})
    for address in ("/", "/home/", "/expenses/", "/statement/"):
        assert client.get(address).status_code == 200, address
    assert "Спутниковое ТВ" in client.get("/home/").content.decode()


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_id_17_an_unknown_contract_is_answered_word_for_word_the_same(dish: Line, channel: str) -> None:
    pages = []
    for number in (NUMBER, "300000009"):
        client = Client()
        ask(client, number, channel)
        page = client.get(f"{START}code/")
        wrong = client.post(f"{START}code/", {"code": "000000"})
        assert (page.status_code, wrong.status_code) == (200, 200)
        pages.append([_bare(answer.content.decode(), number) for answer in (page, wrong)])
        assert CONTACT[-4:] not in page.content.decode()
        assert EMAIL not in page.content.decode()
    assert pages[0] == pages[1]


def _bare(page: str, number: str) -> str:
    """Return the page without what differs from one asking to the next."""
    page = re.sub(r'value="[A-Za-z0-9]{64}"', "", page.replace(number, ""))
    page = re.sub(r'(name="request" value=")\d{3}', r"\1", page)
    return re.sub(r"\d{1,2}:\d{2}|(Запрос|data-wait=\")\W*\d+", "", page)


def test_id_12_a_contract_that_no_agent_entered_sends_nothing_and_says_nothing(client: Client, dish: Line) -> None:
    Contract.objects.update(entered_at=None)
    ask(client, NUMBER)
    assert Message.objects.get().state == "withheld"
    assert client.get(f"{START}code/").status_code == 200


def test_id_19_the_owner_of_an_ended_contract_is_told(client: Client, dish: Line) -> None:
    network.note_terminated(number=dish.number, at=now() - timedelta(days=1), key="1")
    ask(client, NUMBER)
    answer = client.post(f"{START}code/", {"code": identity.last_code(CONTACT)})
    assert answer.status_code == 200
    assert "Договор закончился" in answer.content.decode()
    assert client.get("/home/").status_code == 302
    assert Account.objects.count() == 0


def test_id_12_the_mobile_number_of_a_tv_contract_opens_it_on_the_first_page(client: Client, dish: Line) -> None:
    client.post("/login/", {"number": CONTACT})
    answer = client.post("/login/code/", {"code": identity.last_code(CONTACT)})
    assert answer.status_code == 302
    assert "sat-000001" in client.get("/home/").content.decode()


def test_id_18_during_a_hold_a_code_enters_and_opens_nothing_protected(client: Client) -> None:
    line = lines.line(number="+79000000001")
    network.note_sim_replaced(number=line.number, imsi="999010000000001", at=now(), key="1")
    identity.sign_in(client, line)
    assert client.get("/home/").status_code == 200
    answer = client.get("/statement/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/confirm/")


@pytest.mark.parametrize("typed", ["", "   ", "+79000000001", "договор", "1" * 21, *NAUGHTY])
def test_what_can_be_no_number_is_shown_again_with_what_to_do(client: Client, typed: str) -> None:
    answer = client.post(START, {"number": typed, "channel": "email"})
    if answer.status_code == 302:
        # A naughty string that could be a number after all: asked for as any.
        assert answer["Location"] == f"{START}code/"
        return
    assert answer.status_code == 200
    assert "<title>Ошибка" in answer.content.decode()
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [{}, {"number": ["1", NUMBER]}, {"channel": "sms"}, {"number": NUMBER, "channel": ["sms", "email"]}],
)
def test_missing_and_doubled_fields_break_nothing(client: Client, fields: dict[str, object]) -> None:
    assert client.post(START, fields).status_code in (200, 302)


@pytest.mark.parametrize("address", ["code/", "code/again/"])
def test_a_step_out_of_order_leads_to_the_beginning(client: Client, address: str) -> None:
    for answer in (client.get(START + address), client.post(START + address, {"code": "123456"})):
        assert (answer.status_code, answer["Location"]) == (302, START)


def test_a_code_of_another_purpose_or_browser_opens_nothing(client: Client, dish: Line) -> None:
    ask(client, NUMBER)
    code = identity.last_code(CONTACT)
    other = Client()
    other.post("/login/", {"number": "+79009990002"})
    assert other.post(f"{START}code/", {"code": code})["Location"] == START
    other.cookies[_held_name(Purpose.CONTRACT)] = other.cookies[_held_name(Purpose.ENTRY)].value
    assert other.post(f"{START}code/", {"code": code})["Location"] == START
    assert Account.objects.count() == 0


def test_again_repeats_the_code_by_the_same_channel(client: Client, dish: Line) -> None:
    ask(client, NUMBER, "email")
    code = code_sent()
    NumberGuard.objects.update(sends=[])
    answer = client.post(f"{START}code/again/")
    assert answer["Location"] == f"{START}code/?sent"
    assert Message.objects.filter(recipient=EMAIL).count() == 2
    assert code_sent() == code
    assert "почт" in client.get(f"{START}code/").content.decode()


def test_too_often_is_said_by_the_status_too(client: Client, dish: Line) -> None:
    ask(client, NUMBER)
    client.cookies.clear()
    answer = client.post(START, {"number": NUMBER})
    assert answer.status_code == 429
    assert "Retry-After" in answer
