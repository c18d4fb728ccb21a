"""Profiles of eSIMs at their server: prepared for an order, looked after until installed, withdrawn when not wanted.

The server is asked outside any transaction. No answer changes nothing: it is asked again, for the same.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from abonent.domains.lines import esims
from abonent.domains.lines.ports import Fetched, NoAnswer, Profile
from abonent.domains.orders import fulfilment, models
from abonent.domains.orders.sims.actions import PURPOSE
from abonent.domains.orders.sims.rules import Form
from abonent.domains.orders.states import OPEN
from abonent.foundation import rounds, vault

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500
# Who installs it does so at once; of one left for later it is asked now and then.
OFTEN_FOR, LATER_EVERY_MIN = timedelta(hours=1), 10


def prepare(*, order_id: UUID) -> bool:
    """Have the profile of an order kept by the server and its code written down; return whether there is one."""
    change = models.SimChange.objects.filter(order_id=order_id, form=Form.ESIM, order__state__in=OPEN).first()
    if change is None:
        return False
    if change.iccid:
        return True
    try:
        profile = esims.server().prepare(order_id)
    except NoAnswer as error:
        log.warning("eSIM of order %s: no answer (%s)", order_id, error)
        return False
    return _keep(order_id, profile)


def look_after(*, at: datetime) -> None:
    """Do whatever is next for each eSIM that is wanted, and withdraw those that are not; safe at any time."""
    wanted = models.SimChange.objects.filter(
        form=Form.ESIM, installed_at=None, order__state__in=OPEN, order__command_id=None
    )
    # Those of which no answer came here may be kept there all the same.
    unwanted = models.SimChange.objects.filter(form=Form.ESIM, installed_at=None, withdrawn_at=None)
    gone = unwanted.exclude(order__state__in=OPEN).order_by("order__ended_at")[:AT_ONCE_MAX]
    acts = [partial(_look_after, change, at) for change in _turns(wanted, at)]
    acts += [partial(_withdraw, change, at) for change in gone]
    rounds.each(acts, lambda act: act())


def _turns(wanted: QuerySet[models.SimChange], at: datetime) -> list[models.SimChange]:
    """Return those whose turn is now: the newest first each minute, the others in ten parts, minute by minute."""
    begun = at - OFTEN_FOR
    lately = wanted.filter(order__placed_at__gt=begun).order_by("-order__placed_at")[:AT_ONCE_MAX]
    turn = at.minute % LATER_EVERY_MIN
    later = wanted.filter(order__placed_at__lte=begun).order_by("order__placed_at")
    return [*lately, *[one for one in later if one.order_id.int % LATER_EVERY_MIN == turn][:AT_ONCE_MAX]]


def _look_after(change: models.SimChange, at: datetime) -> None:
    if change.iccid:
        look(order_id=change.order_id, at=at)
    else:
        prepare(order_id=change.order_id)


def look(*, order_id: UUID, at: datetime) -> None:
    """Ask whether the profile is in a phone: then the network has to know; if it never will be, the order ends."""
    try:
        state = esims.server().state(order_id)
    except NoAnswer as error:
        log.warning("eSIM of order %s: no answer (%s)", order_id, error)
        return
    change = models.SimChange.objects.filter(order_id=order_id, installed_at=None)
    if state is Fetched.INSTALLED:
        change.update(installed_at=at)
    if state is Fetched.GONE:
        change.update(waits_until=at)
    if state is not Fetched.WAITING:
        fulfilment.advance(order_id=order_id, at=at)


@transaction.atomic
def _keep(order_id: UUID, profile: Profile) -> bool:
    order = models.Order.objects.select_for_update(no_key=True).get(id=order_id)
    change = models.SimChange.objects.filter(order_id=order_id, iccid="")
    # Whoever was undone meanwhile gets no code, but is remembered, so that the server hears of it.
    matching = vault.seal(profile.matching_id, purpose=PURPOSE) if order.state in OPEN else ""
    change.update(iccid=profile.iccid, imsi=profile.imsi, address=profile.address, matching=matching)
    return bool(matching)


def _withdraw(change: models.SimChange, at: datetime) -> None:
    try:
        esims.server().withdraw(change.order_id)
    except NoAnswer as error:
        log.warning("eSIM of order %s: no answer (%s)", change.order_id, error)
        return
    models.SimChange.objects.filter(order_id=change.order_id).update(withdrawn_at=at)
