"""A wire or a dish has a login and is nobody's number: no page of its calls it one (FIX-1, FIX-2)."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars.rules import Kind as Bar
from abonent.domains.lines.queries import Line
from tests.factories import cabinet, fixed, network, offers
from tests.factories.fixed import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("furnished")]

ADDRESSES = (
    "/home/", "/equipment/", "/visits/", "/charges/", "/expenses/", "/statement/", "/bills/", "/account/", "/promised/",
    "/services/", "/orders/", "/notices/", "/notices/settings/", "/payments/", "/autopay/", "/limits/", "/limits/set/",
    "/changes/", "/tariffs/", "/tariffs/compare/", "/lines/block/", "/lines/block/new/", "/lines/unused/",
    "/lines/unused/?lifted", "/topup/confirm/?amount=300&way=sbp", "/requests/", "/disputes/",
)  # fmt: skip
# Whom one called, what a payment, an order or a thing is known by, and what stands beside phones.
OF_SOMETHING_ELSE = re.compile(
    r"номер или название|номер операции|номер заказа|серийный номер|номерам и подключениям|номер или подключение"
    r"|number or name|operation number|number of the order|serial number|numbers and connections|number or connection",
    re.IGNORECASE,
)
CALLED_A_NUMBER = re.compile(r".{0,60}(?:номер|\bnumber).{0,40}", re.IGNORECASE)


@pytest.fixture
def furnished(settings: Any) -> Any:
    offers.load()
    network.open_network(settings)
    with time_machine.travel(AT, tick=False):
        yield


def said(client: Client, address: str) -> str:
    """Return what the page itself says in both languages, without the frame around it and what is no number."""
    told = []
    for language in ("ru", "en"):
        client.cookies["language"] = language
        page = client.get(address, follow=True).content.decode()
        inside = page[page.index("<main") : page.index("</main>")]
        told.append(html.unescape(re.sub(r"<[^>]+>", " ", inside)))
    return OF_SOMETHING_ELSE.sub("", re.sub(r"\s+", " ", " ".join(told)))


def wire() -> tuple[Line, Client]:
    """Return home internet beside a phone, and its owner who looks at it."""
    own = cabinet.line()
    line = fixed.line(of=own)
    fixed.place(line)
    fixed.hand_out(line, terms=fixed.RENTED)
    return line, fixed.browser(own, line)


@pytest.mark.parametrize("address", ADDRESSES)
def test_fix_2_calls_no_wire_a_number(address: str) -> None:
    _, client = wire()
    assert CALLED_A_NUMBER.findall(said(client, address)) == []


@pytest.mark.parametrize("kind", [Bar.VOLUNTARY, Bar.UNPAID, Bar.UNUSED])
@pytest.mark.parametrize("address", ["/home/", "/lines/block/", "/lines/unused/", "/promised/"])
def test_fix_2_calls_no_barred_wire_a_number(address: str, kind: Bar) -> None:
    line, client = wire()
    bars.impose(line_id=line.id, kind=kind, by="clock", at=AT)
    assert CALLED_A_NUMBER.findall(said(client, address)) == []
