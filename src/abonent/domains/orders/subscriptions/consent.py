"""The subscriber's word, without which nothing begins: a code that is bound to provider, service, price and period.

The code is derived when the SMS is sent and when it is checked, and stored nowhere. Each wrong one uses a try up.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from abonent.domains.identity.freezing import Frozen, ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import asking as subscriptions_asking
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.asking import Refused
from abonent.domains.orders.subscriptions.queries import NoSuchSubscription, Subscription
from abonent.domains.orders.subscriptions.rules import State, Why

CODE_LENGTH = 6
PAGE, SMS = "page", "sms"
EXPIRED_AT_ONCE = 500


class WrongCode(Exception):
    """The code is not the one we sent; `left` more may be tried."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class Gone(Exception):
    """It waits for no consent: it was agreed to, refused, or too late."""


def code_to_deliver(subscription_id: str, now: datetime) -> str | None:
    """Return the code for the SMS that carries it, or None when it is no good any more."""
    row = models.Subscription.objects.filter(id=subscription_id).first()
    if row is None or row.state != State.ASKED or row.expires_at <= now:
        return None
    return _code(row, settings.SECRET_KEY)


def agree(*, subscription_id: UUID, typed: str, by: str, at: datetime) -> Subscription:
    """Begin what the subscriber agreed to with the code of its SMS, and take the first fee.

    `by` is `PAGE` or `SMS`. Without money for it, it begins when there is some. Raises `WrongCode`, `Gone`,
    `NoSuchSubscription`, and `subscriptions.asking.Refused` when it was banned meanwhile, or the code proves nothing.
    """
    found = models.Subscription.objects.filter(id=subscription_id).exclude(told="").first()
    if found is None:
        raise NoSuchSubscription(subscription_id)
    with transaction.atomic():
        subscriptions_asking.take_turn(found.line_id)
        row = models.Subscription.objects.select_for_update(no_key=True).get(id=subscription_id)
        if row.state != State.ASKED or row.expires_at <= at or not row.tries_left:
            raise Gone
        right = _is_right(row, typed)
        if right:
            return _begin(row, by, at)
        # A try counts whatever the caller makes of the error.
        row.tries_left -= 1
        if not row.tries_left:
            row.state, row.ended_at = State.EXPIRED, at
        row.save(update_fields=["tries_left", "state", "ended_at"])
        left = row.tries_left
    raise WrongCode(left)


def agree_by_sms(*, line_id: int, typed: str, at: datetime) -> Subscription:
    """As `agree`, for whichever request of the line the code belongs to; a wrong one counts for each that waits."""
    waiting = models.Subscription.objects.filter(line_id=line_id, state=State.ASKED, expires_at__gt=at)
    rows = list(waiting.order_by("-asked_at", "id"))
    if not rows:
        raise Gone
    meant = next((row for row in rows if _is_right(row, typed)), None)
    if meant is not None:
        return agree(subscription_id=meant.id, typed=typed, by=SMS, at=at)
    left = 0
    for row in rows:
        try:
            agree(subscription_id=row.id, typed=typed, by=SMS, at=at)
        except WrongCode as wrong:
            left = max(left, wrong.left)
        except Gone:
            # Ended by somebody else between the look and the lock: it has no tries left to count.
            continue
    raise WrongCode(left)


@transaction.atomic
def decline(*, subscription_id: UUID, line_ids: Collection[int], at: datetime) -> None:
    """Say no; what was said no to, or began meanwhile, stays as it is. Raises `NoSuchSubscription`."""
    found = models.Subscription.objects.select_for_update(no_key=True)
    row = found.filter(id=subscription_id, line_id__in=list(line_ids)).first()
    if row is None:
        raise NoSuchSubscription(subscription_id)
    if row.state == State.ASKED:
        row.state, row.why, row.ended_at = State.DECLINED, Why.OWNER, at
        row.save(update_fields=["state", "why", "ended_at"])


def expire(*, at: datetime) -> int:
    """End requests that nobody answered in time; return how many."""
    due = models.Subscription.objects.filter(state=State.ASKED, expires_at__lte=at).order_by("expires_at", "id")
    ids = list(due.values_list("id", flat=True)[:EXPIRED_AT_ONCE])
    late = models.Subscription.objects.filter(id__in=ids, state=State.ASKED)
    return late.update(state=State.EXPIRED, ended_at=at)


def _begin(row: models.Subscription, by: str, at: datetime) -> Subscription:
    line = lines.served_by_id(row.line_id)
    if line is None:
        raise Gone
    _ensure_proof(row.line_id, at)
    now = subscriptions_asking.standing(line, row.provider, row.service, at, but=row.id)
    # It was asked before: that others were asked today stands in nobody's way now.
    why = Why.BANNED if now.banned else Why.SUSPENDED if now.suspended else Why.BLOCKED if now.blocked else None
    if why is not None:
        raise Refused(why)
    row.state, row.agreed_at, row.agreed_by, row.try_at = State.ACTIVE, at, by, at
    row.save(update_fields=["state", "agreed_at", "agreed_by", "try_at"])
    return subscriptions.charge_first(row, line, at)


def _ensure_proof(line_id: int, at: datetime) -> None:
    """Raise `Refused` while an SMS to the line proves nothing where money is concerned."""
    if (account_id := lines.account_of(line_id)) is not None:
        try:
            ensure_not_frozen(account_id)
        except Frozen:
            raise Refused(Why.PROTECTED) from None
    if (why := queries.doubt(line_id, at)) is not None:
        raise Refused(why)


def _is_right(row: models.Subscription, typed: str) -> bool:
    given = "".join(character for character in typed if character.isdigit())[: CODE_LENGTH + 1]
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(_code(row, key).encode(), given.encode()) for key in keys)


def _code(row: models.Subscription, secret: str) -> str:
    bound = f"{row.id.hex}|{row.line_id}|{row.provider}|{row.service}|{row.price_minor}|{row.per}"
    digest = salted_hmac("abonent.orders.consent", bound, secret=secret, algorithm="sha256").digest()
    return f"{int.from_bytes(digest) % 10**CODE_LENGTH:0{CODE_LENGTH}}"
