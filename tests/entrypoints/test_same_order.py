"""The same order by web, SMS, USSD and agent leaves the same trace: steps, commands, money, messages (CAB-11, CH-2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from abonent.domains.catalog.packages_rules import Package
from abonent.domains.catalog.words.rules import Kind, Word
from abonent.domains.lines.provisioning.queries import Asked
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.orders import models, queries
from abonent.domains.orders.states import State
from abonent.foundation.clock import now
from tests.factories import blocks, channels, network, offers, support
from tests.factories import orders as make
from tests.factories.network import Switch
from tests.factories.orders import assert_books_agree, sums
from tests.factories.tariffs import tariff

pytestmark = pytest.mark.django_db
CHANNELS = ("web", "sms", "ussd", "staff")
PACKAGE = offers.offer("gig", once_minor=7_000, network=(), package=Package("data", 1024**3, 7))


@pytest.fixture(autouse=True)
def switch(settings: Any, tmp_path: Any) -> Switch:
    settings.AUDIT_HEAD = tmp_path / "audit-head"
    offers.load(PACKAGE)
    tariff("other", 9_000)
    channels.load_words(
        Word(Kind.OFFER, "gig", "гиг", "gig", "41"), Word(Kind.TARIFF, "other", "другой", "other", "51")
    )
    blocks.rules(once_minor=0)
    return network.open_network(settings)


@dataclass(frozen=True)
class Thing:
    """What is ordered: its page in the cabinet and in the console, its text, its code; `before` readies the line."""

    page: str
    console: str
    text: str
    dialled: str
    before: Callable[[Line], object] = lambda line: None
    confirmed: bool = True


THINGS = {
    "service": Thing("/services/monthly/", "services/monthly/", "ВКЛ МЕСЯЦ", "*111*21#"),
    "package": Thing("/services/gig/", "services/gig/", "гиг", "*111*41#"),
    "tariff": Thing("/tariffs/other/order/", "tariffs/other/", "ТАРИФ ДРУГОЙ", "*111*51#"),
    "block": Thing("/lines/block/new/", "pause/", "БЛОК", "*111*7#"),
    "disconnect": Thing(
        "/services/free/",
        "services/free/",
        "ВЫКЛ ДАРОМ",
        "",
        lambda line: make.done(line, "free", at=now()),
        confirmed=False,
    ),
}


def _sent(client: Client, address: str, **more: str) -> dict[str, str]:
    page = client.get(address).content.decode()
    names = "id|line|action|version|total_minor|effective_at|first|end|rules"
    return {**dict(re.findall(rf'type="hidden" name="({names})" value="([^"]*)"', page)), **more}


def _by_web(line: Line, thing: Thing) -> None:
    client = channels.BROWSERS[line.number]
    response = client.post(thing.page, _sent(client, thing.page))
    assert response.status_code == 302, response.content.decode()


def _by_sms(line: Line, thing: Thing) -> None:
    channels.text(line, thing.text)
    if thing.confirmed:
        assert not models.Order.objects.filter(channel="sms").exists(), "nothing before the yes"
        channels.text(line, channels.code(line))


def _by_ussd(line: Line, thing: Thing) -> None:
    session = channels.Dialled(line, thing.dialled or "*111*4#")
    if not thing.dialled:
        session.choose("Подключённые")
        session.choose("Free")
    assert not models.Order.objects.filter(channel="ussd").exists(), "nothing before the second press"
    session.choose("Да")


def _by_staff(line: Line, thing: Thing) -> None:
    agent = support.agent()
    address = f"/staff/case/{_case(agent, line)}/{thing.console}"
    client = support.browser(agent)
    response = client.post(address, _sent(client, address, agreed="1"))
    assert response.status_code == 302, response.content.decode()


def _case(agent: support.Agent, line: Line) -> int:
    support.known(line)
    return support.checked(agent, line)


BY = {"web": _by_web, "sms": _by_sms, "ussd": _by_ussd, "staff": _by_staff}


def _trace(line: Line, by: str) -> dict[str, object]:
    """Return all that became of the order, without its names and moments."""
    order = models.Order.objects.filter(line_id=line.id, channel=by).latest("placed_at")
    trace = queries.trace(order_id=order.id, line_ids=[line.id])
    messages = Message.objects.filter(recipient=line.number, params__order=str(order.id)).exclude(
        template="order taken"
    )
    told = trace.order
    return {
        "steps": [state for state, _ in trace.steps],
        "asked": [_plain(one) for one in trace.asked],
        "what": (told.action, told.offer_code, told.version_id, told.state),
        "money": (told.once_minor, told.fee_minor, told.taken_minor, told.first_day, told.end_day, told.next_minor),
        "sums": sums(line),
        "messages": [(one.template, {**one.params, "order": "", "number": ""}) for one in messages],
        "by": bool(told.channel == "staff") == bool(order.placed_by),
    }


def _plain(one: Asked) -> tuple[object, ...]:
    return (sorted(one.on), sorted(one.off), one.state)


@pytest.mark.parametrize("name", THINGS)
def test_cab_11_one_order_leaves_one_trace_whichever_way_it_came(name: str) -> None:
    thing, own = THINGS[name], tariff("own", 0)
    traces = {}
    for by in CHANNELS:
        line = channels.served(version_id=own)
        thing.before(line)
        BY[by](line, thing)
        placed = models.Order.objects.filter(line_id=line.id, channel=by).latest("placed_at")
        assert placed.state == State.ACKNOWLEDGED
        make.work(now())
        traces[by] = _trace(line, by)
    assert traces["web"]["steps"][-1] is State.COMPLETED  # type: ignore[index] # a list
    assert len(traces["web"]["messages"]) == 1  # type: ignore[arg-type] # a list
    for by in CHANNELS[1:]:
        assert traces[by] == traces["web"], by
    assert_books_agree()


def test_cab_13_what_a_block_costs_is_told_before_the_second_press() -> None:
    said = channels.Dialled(channels.served(), "*111*7#").whole()
    for part in ("Сейчас: 0,00 ₽", "Бесплатно 10 дней", "Затем 3,00 ₽ в день", "На балансе останется 500,00 ₽"):
        assert part in said, said


def test_the_order_of_a_text_is_that_of_its_question() -> None:
    line = channels.served()
    channels.text(line, "вкл месяц")
    wish_id = models.HandsetWish.objects.get().id
    channels.text(line, channels.code(line))
    assert isinstance(wish_id, UUID)
    assert models.Order.objects.get().id == wish_id
