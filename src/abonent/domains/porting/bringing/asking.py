"""The central database is asked about numbers that come to us, until it says how each ends; then all follows.

It is asked outside any transaction. No answer changes nothing: the same is asked again, under the same name.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from abonent.domains.billing import products as money
from abonent.domains.billing.products_rules import PORTING_RULE
from abonent.domains.customers import actions as customers
from abonent.domains.customers.actions import NewContract, NewParty
from abonent.domains.lines import actions, sims
from abonent.domains.lines import queries as lines
from abonent.domains.lines.actions import NewLine
from abonent.domains.lines.numbers import actions as numbers
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.provisioning.rules import LEASE, pause
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.porting import models, notices, queries
from abonent.domains.porting.bringing.actions import step, unseal
from abonent.domains.porting.gateway import central
from abonent.domains.porting.ports import Bringing, NoAnswer, Standing
from abonent.domains.porting.rules import MOBILE, reason_of
from abonent.domains.porting.states import IN_OPEN, PORT_IN, SAID, Event, State, can

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500
# The central database tells us when something happens; that is for when its word was lost.
LOOK_EVERY = timedelta(minutes=15)
PERIOD_DAY_MAX = 28
SIM_FEATURE = "sim"


def due(at: datetime) -> list[int]:
    """Return the requests that the central database is to be asked about."""
    rows = models.PortIn.objects.filter(state__in=IN_OPEN, next_try_at__lte=at).order_by("next_try_at")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE_MAX])


def ask(*, pk: int, at: datetime) -> State | None:
    """Ask about one request and write the answer down; None: it is not its time, or somebody else asks just now."""
    row = _claim(pk, at)
    if row is None:
        return None
    try:
        standing = _standing(row)
    except NoAnswer as error:
        log.warning("port-in %s: no answer (%s)", row.ref, error)
        return State(row.state)
    return apply(pk=pk, standing=standing, at=at)


def ask_soon(*, ref: UUID, at: datetime) -> bool:
    """Something happened there, it is said: have it asked at once; return whether the request is one of these."""
    rows = models.PortIn.objects.filter(ref=ref)
    rows.filter(state__in=IN_OPEN).update(next_try_at=at, tries=0)
    return rows.exists()


@transaction.atomic
def apply(*, pk: int, standing: Standing, at: datetime) -> State:
    """Do what follows from how the request stands there; an old story, and one told twice, change nothing."""
    contract_id = models.PortIn.objects.values_list("contract_id", flat=True).get(pk=pk)
    if contract_id is not None:
        money.take_turn(contract_id)
    row = models.PortIn.objects.select_for_update(no_key=True).get(pk=pk)
    event = SAID.get(standing.state)
    if event is None or not can(PORT_IN, State(row.state), event):
        return State(row.state)
    row.operator = standing.operator[:60] or row.operator
    row.window_from, row.window_until = standing.window_from, standing.window_until
    row.next_try_at, row.tries = at + LOOK_EVERY, 0
    if event is Event.PORTED:
        # It may have come before we heard of it, never after.
        _come(row, min(standing.at, at), at)
    reason = str(reason_of(standing.reason)) if event in (Event.REFUSED, Event.FAILED) else ""
    step(row, event, at, reason)
    if row.state not in IN_OPEN and row.state != State.PORTED:
        _release(row, at)
    row.save()
    if event is not Event.RECEIVED:
        notices.brought(row)
    return State(row.state)


@transaction.atomic(durable=True)
def _claim(pk: int, at: datetime) -> models.PortIn | None:
    row = models.PortIn.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk).first()
    if row is None or row.state not in IN_OPEN or row.next_try_at is None or row.next_try_at > at:
        return None
    row.tries = min(row.tries + 1, 100_000)
    row.next_try_at = at + max(LEASE, pause(row.tries))
    row.save(update_fields=["tries", "next_try_at"])
    return row


def _standing(row: models.PortIn) -> Standing:
    if row.state == State.CANCELLING:
        return central().cancel(row.ref)
    if row.state != State.REQUESTED:
        return central().standing(row.ref)
    owner = unseal(row.owner)
    return central().bring(
        Bringing(
            row.ref, row.number, row.day, owner.family_name, owner.given_name, owner.patronymic, owner.birth_date,
            owner.document,
        )
    )  # fmt: skip


def _come(row: models.PortIn, opened_at: datetime, at: datetime) -> None:
    """The number is ours: a line serves it, on the contract of who asked or on a newcomer's first one."""
    numbers.take_back(number=row.number, at=None)
    is_new = row.contract_id is None
    row.contract_id = row.contract_id or _sign(row, opened_at)
    line_id = actions.open_lines(
        [
            NewLine(
                row.contract_id, MOBILE, row.number, row.tariff_version_id,
                min(queries.local_day(opened_at).day, PERIOD_DAY_MAX), opened_at, is_main=is_new,
                imsi=row.imsi,
            )
        ]
    )[0]  # fmt: skip
    row.line_id = line_id
    sims.use_card(order_id=row.ref, line_id=line_id, at=opened_at)
    line = lines.served_by_id(line_id)
    if line is None:
        raise LookupError(line_id)
    if not row.held and row.price_minor:
        # A newcomer begins with it owed: there was no account to hold it on.
        price = sims_queries.price(row.price_minor, at)
        money.hold(
            order_id=row.ref, line=replace(line, prepaid=False), price=price, at=at, category=money.FOR_LINE
        )  # fmt: skip
    money.take_for_line(order_id=row.ref, line=line, once_minor=row.price_minor, rule=PORTING_RULE, at=opened_at)
    row.held = False
    if row.imsi and provisioning_network.is_there():
        provisioning.enqueue(
            command_id=uuid5(row.ref, "command"), line_id=line_id, on={f"{SIM_FEATURE}:{row.imsi}"}, reference=None,
            at=at,
        )  # fmt: skip


def _sign(row: models.PortIn, at: datetime) -> int:
    """Register the newcomer, whom the operator before vouched for, with a first contract."""
    owner = unseal(row.owner)
    party = NewParty(
        owner.given_name, owner.patronymic, owner.family_name, row.language, owner.birth_date, owner.document
    )
    signed = NewContract(f"M{row.pk:09}", 0, "prepaid", queries.local_day(at))
    return customers.register(parties=[party], contracts=[signed])[0]


def _release(row: models.PortIn, at: datetime) -> None:
    """It came to nothing: the price is free again, a card blank, and a code opens nothing."""
    if row.held:
        money.release(order_id=row.ref, once_minor=row.price_minor, fee_minor=0, at=at)
        row.held = False
    sims.let_card_go(order_id=row.ref)
    row.matching = ""
