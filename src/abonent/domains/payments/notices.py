"""What the gateway calls to tell us: taken in once, a reason to ask, never the truth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from procrastinate.contrib.django import app

from abonent.domains.payments import models, rules
from abonent.domains.payments.gateway import gateway
from abonent.domains.payments.ports import Notice
from abonent.domains.payments.states import REFUND_FINAL, State

ASK = "ask_payment"
RESOLVE = "resolve_refund"


def hear(*, fields: Mapping[str, str], at: datetime) -> bool:
    """Take a callback in, and have the gateway asked about its order; return whether it is new.

    Raises `ports.Forged` and `ports.BadNotice`, then nothing was stored. What it says of sums and states is believed
    only when the gateway answers the same to a question of ours: a stolen key moves no money.
    """
    notice = gateway().notice(fields)
    return _take_in(notice, at)


@transaction.atomic
def _take_in(notice: Notice, at: datetime) -> bool:
    row = _payment_of(notice)
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into payments_notice (key, payment_id, gateway_order, operation, succeeded, amount_minor,
                                            received_at, times)
               values (%s, %s, %s, %s, %s, %s, %s, 1)
               on conflict (key) do update set times = payments_notice.times + 1 returning times""",
            [
                notice.key,
                row.pk if row else notice.payment_id,
                notice.gateway_order[:64],
                notice.operation[:30],
                notice.succeeded,
                notice.amount_minor,
                at,
            ],
        )
        is_new = bool(cursor.fetchone()[0] == 1)
    if row is not None:
        _have_asked(row, at)
    return is_new


def _payment_of(notice: Notice) -> models.Payment | None:
    """Return the payment it is about; an order of somebody else at the same gateway is none of ours."""
    if notice.payment_id is not None:
        return models.Payment.objects.filter(id=notice.payment_id).first()
    return models.Payment.objects.filter(gateway_order=notice.gateway_order).exclude(gateway_order="").first()


def _have_asked(row: models.Payment, at: datetime) -> None:
    if row.state != State.SETTLED:
        models.Payment.objects.filter(id=row.pk).exclude(state=State.SETTLED).update(next_ask_at=at)
        app.configure_task(ASK, queue="payments").defer(payment_id=str(row.pk))
        return
    waiting = models.Refund.objects.filter(payment=row).exclude(state__in=REFUND_FINAL)
    waiting.update(next_ask_at=at)
    for refund_id in waiting.values_list("id", flat=True):
        app.configure_task(RESOLVE, queue="payments").defer(refund_id=str(refund_id))


def claim(payment_id: UUID, at: datetime) -> bool:
    """Return whether the payment is to be asked about, and by nobody else just now: for `rules.LEASE` it is ours."""
    due = models.Payment.objects.filter(id=payment_id, next_ask_at__lte=at)
    return bool(due.update(next_ask_at=at + rules.LEASE))


def forget_old(before: datetime) -> None:
    """Delete callbacks received before that moment."""
    models.Notice.objects.filter(received_at__lt=before).delete()
