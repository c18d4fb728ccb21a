"""The channels of a smart card are sent to it once more: asked for, done by the network, told.

What the network is to do is to switch on what the line has already; so a command of the line's queue says it, and
whether the card had lost anything does not matter.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.catalog import queries as catalog
from abonent.domains.lines import models, queries
from abonent.domains.lines.activations import queries as activations_queries
from abonent.domains.lines.activations.queries import Activation
from abonent.domains.lines.activations.rules import Refusal, Why
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import queries as provisioning_queries
from abonent.domains.lines.provisioning.rules import TARIFF
from abonent.domains.lines.provisioning.rules import State as Asked
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.foundation import rounds


class Refused(Exception):
    """Nothing is sent."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.why)
        self.refusal = refusal


@transaction.atomic
def ask(*, activation_id: UUID, line_id: int, account_id: int | None, at: datetime) -> Activation:
    """Have all that the line has sent to its card, for an account or (None) for staff; the same form again is the same.

    Raises `Refused`; then nothing has changed.
    """
    # Who asks at the same time waits here, and sees this one.
    models.Line.objects.select_for_update(no_key=True).get(id=line_id)
    if (made := models.Activation.objects.filter(id=activation_id).first()) is not None:
        if made.line_id != line_id:
            raise Refused(Refusal(Why.NO_CARD))
        return activations_queries.value_of(made)
    line = queries.served_by_id(line_id)
    if line is None:
        raise Refused(Refusal(Why.BARRED))
    refusal = activations_queries.refused(line, at)
    if refusal is not None:
        raise Refused(refusal)
    row = models.Activation.objects.create(id=activation_id, line_id=line_id, account_id=account_id, asked_at=at)
    provisioning.enqueue(command_id=activation_id, line_id=line_id, on=_features(line), reference=activation_id, at=at)
    return activations_queries.value_of(row)


@transaction.atomic
def settle(*, activation_id: UUID, at: datetime) -> None:
    """Write down what came of the network's answer, if there is one, and tell who watches."""
    row = models.Activation.objects.select_for_update().filter(id=activation_id, ended_at=None).first()
    asked = provisioning_queries.command(activation_id) if row is not None else None
    if row is None or asked is None or asked.state not in (Asked.DONE, Asked.REFUSED):
        return
    row.ended_at, row.failed = asked.ended_at or at, asked.state is Asked.REFUSED
    row.save(update_fields=["ended_at", "failed"])
    line = queries.served_by_id(row.line_id)
    recipient = queries.contact_of(row.line_id).number
    if line is not None and recipient:
        messaging.send(
            recipient=recipient, template="activation", language=line.language,
            params={"number": line.number, "failed": "yes" if row.failed else ""},
        )  # fmt: skip


def _features(line: Line) -> set[str]:
    """Return what the line has: its tariff and the services that are not off for want of money."""
    tariff = catalog.tariff_version(line.tariff_version_id).tariff_code
    return {TARIFF + tariff, *products_queries.needed(line.id)}


def settle_open(*, at: datetime) -> None:
    """Look after those that an event was lost of."""
    still = models.Activation.objects.filter(ended_at=None).order_by("asked_at")
    rounds.each(
        still.values_list("id", flat=True)[:500], lambda activation_id: settle(activation_id=activation_id, at=at)
    )


def forget_person(*, account_id: int) -> None:
    """Keep no longer which account asked."""
    models.Activation.objects.filter(account_id=account_id).update(account_id=None)
