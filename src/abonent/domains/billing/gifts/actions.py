"""Writes of gifts of data and minutes: asked for, looked up, confirmed by a proof, done once on both sides."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import models
from abonent.domains.billing.gifts import giving as gifts_giving
from abonent.domains.billing.gifts import queries as gifts_queries
from abonent.domains.billing.gifts import rules
from abonent.domains.billing.gifts.queries import Gift, NoSuchGift, value_of
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers import rules as transfers_rules
from abonent.domains.billing.transfers.actions import NotWaiting, TooManyNumbers
from abonent.domains.billing.transfers.proofs import Shown, prove
from abonent.domains.billing.transfers.states import FINAL, Event, State, after
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import Bucket
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_money
from abonent.domains.lines.queries import Line
from abonent.foundation.values import Msisdn

__all__ = ["NotWaiting", "TooManyNumbers", "ask", "confirm", "expire", "look_up", "terms_at", "why_not"]


def terms_at(at: datetime) -> rules.Terms:
    """Return the terms of the local day."""
    return rules.terms_on(at.astimezone(ZoneInfo(settings.TIME_ZONE)).date())


def ask(
    *, form_id: UUID, account_id: int, line: Line, number: Msisdn, bucket: Bucket, amount: int, at: datetime
) -> UUID:
    """Write down that the person wants to give so much of the line's to `number`; return the gift's id.

    The same form sent again is the same gift. Nothing is looked up: that asks for a fresh proof.
    """
    gift_id = rules.gift_id(
        form_id, account_id=account_id, line_id=line.id, number=number.e164, bucket=bucket, amount=amount
    )
    giver = queries_money.named(line.id)
    models.Gift.objects.get_or_create(
        id=gift_id,
        defaults={
            "line_from_id": line.id,
            "number_from": line.number,
            "number_to": number.e164,
            "name_from": transfers_rules.name_hint(giver.given_name, giver.family_name),
            "asked_by": account_id,
            "bucket": bucket,
            "amount": amount,
            "fee_minor": terms_at(at).fee_minor,
            "asked_at": at,
            "expires_at": at + transfers_rules.ASKED_FOR,
        },
    )
    return gift_id


@transaction.atomic
def look_up(*, gift_id: UUID, account_id: int, at: datetime) -> Gift:
    """Find out once who gets it, as far as the giver may know; raise `TooManyNumbers`, `NoSuchGift`.

    It spends the same look-ups as money does, and answers alike whether the number is unknown, blocked or another
    operator's.
    """
    with connection.cursor() as cursor:
        # Tabs of one person look up one after the other.
        cursor.execute("select pg_advisory_xact_lock(hashtext('look up'), %s)", [account_id % 2**31])
    row = _locked(gift_id)
    if row is None or row.asked_by != account_id:
        raise NoSuchGift
    if row.looked_up_at is None and row.state == State.ASKED:
        transfers.spend_look_up(account_id=account_id, number=row.number_to, at=at)
        found = queries_money.receiver(row.number_to)
        row.looked_up_at = at
        if found is not None and found.line_id != row.line_from_id and _can_use(found.line_id, row.bucket):
            row.line_to_id = found.line_id
            row.name_to = transfers_rules.name_hint(found.given_name, found.family_name)
        row.save(update_fields=["looked_up_at", "line_to_id", "name_to"])
    return value_of(row)


def why_not(gift: Gift, *, account_id: int, at: datetime) -> tuple[rules.Giver, rules.Refused | None]:
    """Return how the giver stands, and why the gift cannot be made as things are now, or None: it can."""
    giver, _ = gifts_queries.giver_of(account_id, gift.line_from_id, at)
    reason = rules.refused(
        giver=giver,
        receiver_line_id=_receiver(gift),
        bucket=gift.bucket,
        amount=gift.amount,
        fee_minor=gift.fee_minor,
        terms=terms_at(at),
    )
    return giver, reason


def confirm(*, gift_id: UUID, account_id: int, shown: Shown, at: datetime) -> Gift:
    """Give it, once, when what was `shown` proves exactly this gift; return how it stands then.

    A gift that is done answers the same again. One that cannot be made any more is refused, and says why. Raises what
    `transfers.proofs.prove` raises, `NotWaiting`, `NoSuchGift` and `identity.freezing.Frozen`.
    """
    wish = gifts_queries.asked_by(gift_id, account_id)
    if wish.state is State.DONE:
        return wish
    if wish.state is not State.ASKED or not wish.looked_up or at >= wish.expires_at:
        raise NotWaiting
    proven = prove(shown, account_id=account_id, bound=wish.bound, at=at)
    with transaction.atomic():
        ensure_not_frozen(account_id)
        # Nothing is rated meanwhile: what is left now is what is given from.
        rating_batch.take_turn()
        row = _locked(gift_id)
        if row is None or (State(row.state) in FINAL and row.state != State.DONE):
            raise NotWaiting
        if row.state == State.DONE:
            # The same proof came twice at once, and the other was faster.
            return value_of(row)
        proven.use(at)
        row.state, row.proven_by, row.settled_at = after(State.ASKED, Event.PROVEN), proven.by, at
        giver, reason = why_not(value_of(row), account_id=account_id, at=at)
        if reason is None:
            reason = gifts_giving.give(row, giver, terms_at(at), at)
        row.reason = reason.refusal if reason else ""
        row.state = after(State(row.state), Event.DENIED if reason else Event.MOVED)
        row.save(update_fields=["state", "reason", "proven_by", "settled_at", "valid_until"])
        if reason is None:
            gifts_giving.tell(value_of(row))
        return value_of(row)


def expire(*, now: datetime) -> int:
    """End wishes that nobody confirmed in time, and forget those that gave nothing long ago; return how many ended."""
    waiting = models.Gift.objects.filter(state=State.ASKED, expires_at__lte=now)
    ended = waiting.update(state=after(State.ASKED, Event.TIME_OVER))
    models.Gift.objects.filter(
        state__in=[State.EXPIRED, State.REFUSED], asked_at__lt=now - transfers_rules.LOOK_UPS_KEPT
    ).delete()
    return ended


def _receiver(gift: Gift) -> int | None:
    """Return the line that gets it, unless the number is somebody else's or nobody's by now."""
    found = queries_money.receiver(gift.number_to)
    if found is None:
        return None
    if found.line_id == gift.line_from_id:
        return found.line_id
    return found.line_id if found.line_id == gift.line_to_id else None


def _can_use(line_id: int, bucket: str) -> bool:
    line = lines.served_by_id(line_id)
    return line is not None and catalog.tariff_version(line.tariff_version_id).terms.takes_from(bucket)


def _locked(gift_id: UUID) -> models.Gift | None:
    return models.Gift.objects.select_for_update(no_key=True).filter(id=gift_id).first()
