"""Services ordered for a customer in a talk: after the check, told first, in the customer's own orders (CAB-11)."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from abonent.domains.billing import products as money
from abonent.domains.identity import freezing
from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines import queries as lines
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.foundation.audit.models import Entry
from abonent.foundation.clock import now
from tests.factories import network, offers, promised, support
from tests.factories import orders as make
from tests.factories.network import Switch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    offers.load()
    return network.open_network(settings)


def talk(*, checked: bool = True) -> tuple[Client, int, Line]:
    """Return the browser of an agent who talks to somebody with money, the case, and the line."""
    line = support.customer()
    promised.pay(line, 50_000, at=now() - timedelta(days=1))
    agent = support.agent()
    client = support.browser(agent)
    return client, support.checked(agent, line) if checked else support.case(agent, line), line


def words(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def fields(client: Client, address: str) -> dict[str, str]:
    names = "id|action|version|total_minor"
    hidden = re.findall(rf'type="hidden" name="({names})" value="([^"]*)"', client.get(address).content.decode())
    return {**dict(hidden), "agreed": "1"}


def test_cab_11_an_agent_orders_at_the_customers_wish_and_it_is_the_customers_order() -> None:
    client, case_id, line = talk()
    listing = f"/staff/case/{case_id}/services/"
    assert f'href="{listing}"' in client.get(f"/staff/case/{case_id}/").content.decode()
    assert "Услуга Once" in words(client, listing)
    address = f"{listing}once/"
    text = words(client, address)
    for said in ("Подключить «Услуга Once»", "К оплате сейчас 50,00 ₽", "Баланс после"):
        assert said in text, f"{said!r} not in {text}"
    sent = fields(client, address)
    for _ in range(2):
        assert client.post(address, sent)["Location"] == f"/staff/case/{case_id}/?show=orders"
    make.work(now())
    order = models.Order.objects.get()
    assert (order.channel, order.account_id, order.placed_by.startswith("agent:")) == ("staff", None, True)
    assert {one.offer_code for one in products_queries.of_line(line.id)} == {"once"}
    assert "Подключить «Услуга Once» Выполнен" in words(client, f"/staff/case/{case_id}/?show=orders")
    assert Entry.objects.filter(action="service ordered").count() == 1
    assert SecurityEvent.objects.get(kind="order done").by == order.placed_by
    assert "Отключить «Услуга Once»" in words(client, address)


def test_cab_11_before_the_check_nothing_is_shown_and_nothing_ordered() -> None:
    client, case_id, line = talk(checked=False)
    address = f"/staff/case/{case_id}/services/once/"
    assert client.get(f"/staff/case/{case_id}/services/")["Location"] == f"/staff/case/{case_id}/"
    assert client.get(address)["Location"] == f"/staff/case/{case_id}/"
    wish = make.wish(line, "once", at=now())
    sent = {
        "id": str(wish.order_id), "action": "connect", "version": str(wish.offer_version_id), "total_minor": "5000",
    }  # fmt: skip
    refused = client.post(address, sent)
    assert (refused.status_code, "Сначала проверьте" in refused.content.decode()) == (409, True)
    assert not models.Order.objects.exists()


def test_cab_11_a_talk_of_somebody_else_is_not_there() -> None:
    _, case_id, _ = talk()
    other, _, _ = talk()
    for address in (f"/staff/case/{case_id}/services/", f"/staff/case/{case_id}/services/once/"):
        assert other.get(address).status_code == 404
    assert other.post(f"/staff/case/{case_id}/services/once/", {}).status_code == 404


@pytest.mark.parametrize(
    "change", [{"id": "x"}, {"action": "steal"}, {"version": "x"}, {"version": "-1"}, {"total_minor": "1"}], ids=str
)
def test_cab_11_a_form_that_does_not_fit_orders_nothing(change: dict[str, str]) -> None:
    client, case_id, line = talk()
    address = f"/staff/case/{case_id}/services/once/"
    response = client.post(address, fields(client, address) | change)
    assert response.status_code == 409
    assert "<title>Ошибка: " in response.content.decode()
    assert money.available(line.contract_id) == 50_000


def test_cab_11_a_protected_cabinet_orders_nothing_by_staff_either() -> None:
    client, case_id, line = talk()
    address = f"/staff/case/{case_id}/services/once/"
    sent = fields(client, address)
    account_id = lines.account_of(line.id)
    assert account_id
    freezing.freeze(account_id=account_id, event_id=None, at=now())
    response = client.post(address, sent)
    assert response.status_code == 409
    assert "Кабинет под защитой" in response.content.decode()
    assert not models.Order.objects.exists()


def test_cab_11_a_refusal_is_told_and_what_is_not_sold_is_not_there() -> None:
    client, case_id, _ = talk()
    assert "Сначала подключите" in words(client, f"/staff/case/{case_id}/services/above/")
    assert client.get(f"/staff/case/{case_id}/services/ended/").status_code == 404


def test_cab_11_speaks_english() -> None:
    client, case_id, _ = talk()
    client.cookies["language"] = "en"
    for page in ("services/", "services/once/", "services/above/", "services/monthly/"):
        text = words(client, f"/staff/case/{case_id}/{page}")
        main = text[text.index("On sale") if page == "services/" else text.index("Balance afterwards") :]
        assert not re.search("[А-Яа-яЁё]", main.replace("Русский", "").replace("Орбита", "")), main
