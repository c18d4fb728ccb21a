"""The SIM of a number that comes: an eSIM whose code its owner sees for a proof, or a card that a shop hands out.

It is in hand before the number comes, and works from that moment on.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.lines import esims, sims
from abonent.domains.lines.numbers.rules import is_iccid
from abonent.domains.lines.ports import Fetched, NoAnswer, Profile
from abonent.domains.orders.sims.actions import PURPOSE
from abonent.domains.orders.sims.rules import activation_code
from abonent.domains.porting import models
from abonent.domains.porting.bringing.actions import Refused, unseal
from abonent.domains.porting.queries import NoSuchPort
from abonent.domains.porting.rules import Form, Why
from abonent.domains.porting.states import State
from abonent.foundation import vault

log = logging.getLogger(__name__)

AT_ONCE_MAX = 200


class NoCode(LookupError):
    """There is no code to show: not yet, or not any more."""


class NoCard(Exception):
    """The card is none of ours, serves somebody, or the request is not one that waits for a card."""


def look_after(*, at: datetime) -> None:
    """Have profiles made for numbers that come, see whether they are installed, withdraw what nobody wants."""
    wanted = models.PortIn.objects.filter(form=Form.ESIM, iccid="", state=State.ACCEPTED)
    for ref in wanted.order_by("asked_at").values_list("ref", flat=True)[:AT_ONCE_MAX]:
        _prepare(ref)
    there = models.PortIn.objects.filter(form=Form.ESIM, state=State.PORTED).exclude(matching="")
    for ref in there.values_list("ref", flat=True)[:AT_ONCE_MAX]:
        _look(ref)
    unwanted = models.PortIn.objects.filter(
        form=Form.ESIM, withdrawn_at=None, state__in=(State.REFUSED, State.CANCELLED, State.FAILED)
    )
    for ref in unwanted.exclude(iccid="").values_list("ref", flat=True)[:AT_ONCE_MAX]:
        _withdraw(ref, at)


@transaction.atomic
def show_code(*, ref: UUID, at: datetime) -> str:
    """Return what a phone installs the eSIM by, to whoever has just proved to hold the number.

    Raises `NoSuchPort`, `NoCode`.
    """
    row = models.PortIn.objects.select_for_update(no_key=True).filter(ref=ref, form=Form.ESIM).first()
    if row is None:
        raise NoSuchPort
    if row.state not in (State.ACCEPTED, State.PORTED) or not row.matching:
        raise NoCode
    try:
        matching = vault.unseal(row.matching, purpose=PURPOSE)
    except vault.CannotUnseal:
        raise NoCode from None
    row.shown_at = at
    row.save(update_fields=["shown_at"])
    return activation_code(row.address, matching)


@transaction.atomic
def hand_out(*, port_id: int, iccid: str, document: str) -> None:
    """A shop gives a blank card to the owner, whose document it saw.

    Raises `NoSuchPort`, `NoCard`, and `Refused`: the document is not the one the number was asked for with.
    """
    row = models.PortIn.objects.select_for_update(no_key=True).filter(pk=port_id).first()
    if row is None or row.state == State.DRAFT:
        raise NoSuchPort
    waits = row.form == Form.SHOP and row.state in (State.CHECKING, State.ACCEPTED) and not row.iccid
    if not waits or not is_iccid(iccid):
        raise NoCard
    if unseal(row.owner).document != document:
        raise Refused(Why.BAD_OWNER)
    imsi = sims.take_card(iccid=iccid, order_id=row.ref)
    if imsi is None:
        raise NoCard
    row.iccid, row.imsi = iccid, imsi
    row.save(update_fields=["iccid", "imsi"])


def _prepare(ref: UUID) -> None:
    try:
        profile = esims.server().prepare(ref)
    except NoAnswer as error:
        log.warning("eSIM of port-in %s: no answer (%s)", ref, error)
        return
    _keep(ref, profile)


@transaction.atomic
def _keep(ref: UUID, profile: Profile) -> None:
    row = models.PortIn.objects.select_for_update(no_key=True).get(ref=ref)
    # What was called off meanwhile gets no code, but is remembered, so that the server hears of it.
    matching = vault.seal(profile.matching_id, purpose=PURPOSE) if row.state == State.ACCEPTED else ""
    rows = models.PortIn.objects.filter(ref=ref, iccid="")
    rows.update(iccid=profile.iccid, imsi=profile.imsi, address=profile.address, matching=matching)


def _look(ref: UUID) -> None:
    try:
        state = esims.server().state(ref)
    except NoAnswer as error:
        log.warning("eSIM of port-in %s: no answer (%s)", ref, error)
        return
    if state is not Fetched.WAITING:
        models.PortIn.objects.filter(ref=ref).update(matching="")


def _withdraw(ref: UUID, at: datetime) -> None:
    try:
        esims.server().withdraw(ref)
    except NoAnswer as error:
        log.warning("eSIM of port-in %s: no answer (%s)", ref, error)
        return
    models.PortIn.objects.filter(ref=ref).update(withdrawn_at=at)
