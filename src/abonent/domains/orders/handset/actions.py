"""Orders from a phone: a wish is told with its price, confirmed within ten minutes, and then an order like any other.

The order has the wish's id, so a confirmation that comes twice, late or with another one is one order. What comes of it
is `actions.place`, `tariffs.place` and `blocks.place`, as for a form of the cabinet.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from abonent.domains.billing.promised import actions as promised
from abonent.domains.identity import journal
from abonent.domains.identity.freezing import Frozen, ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions, models
from abonent.domains.orders.actions import Changed, DifferentOrder, Wish
from abonent.domains.orders.blocks import actions as blocks
from abonent.domains.orders.handset import offers as handset_offers
from abonent.domains.orders.handset import rules as handset_rules
from abonent.domains.orders.handset.offers import Not, Terms
from abonent.domains.orders.handset.rules import Kind, Said, State, Wanted
from abonent.domains.orders.queries import NoSuchOrder
from abonent.domains.orders.rules import Action
from abonent.domains.orders.states import UNDONE_IN
from abonent.domains.orders.states import State as Order
from abonent.domains.orders.tariffs import actions as tariffs
from abonent.domains.orders.tariffs.actions import TariffWish

SECRET = "wish"  # noqa: S105 - the kind of it, not a secret
# What costs nothing and can be had again is done at a word; everything else is asked about first.
AT_ONCE = frozenset({Kind.DISCONNECT})


@transaction.atomic
def ask(
    *, line: Line, account_id: int | None, channel: str, wanted: Wanted, language: str, at: datetime,
    confirmed: bool = False, short_number: str = "",
) -> Said:  # fmt: skip
    """Return what the wish means, to be confirmed, or why it cannot be; asked again, the first question stays.

    `confirmed`: who asks need not be asked again about what costs nothing (`AT_ONCE`); that is placed at once.
    `short_number` is where a text went that asks.
    """
    _take_turn(line.id)
    if _asks_too_often(line.id, at):
        return Said("order refused", {"why": "often"})
    if lines.hold_of(line.id, at) is not None and wanted.kind is not Kind.LOST:
        return Said("order refused", {"why": "held"})
    try:
        terms = handset_offers.terms_of(line, account_id, wanted, language, at)
    except Not as refused:
        return Said("order refused", refused.params)
    row = _written(line, account_id, channel, wanted, terms, at)
    if row.short_number != short_number:
        row.short_number = short_number
        row.save(update_fields=["short_number"])
    if confirmed and wanted.kind in AT_ONCE:
        return _carried_out(row, line, language, at)
    return Said("order asked", {**row.told, "expires": row.expires_at.isoformat()}, row.id)


def confirm(*, wish_id: UUID, line: Line, language: str, at: datetime) -> Said:
    """Make the wish of the line an order; confirmed again, it is the same. One that is too old orders nothing."""
    with transaction.atomic():
        _take_turn(line.id)
        row = models.HandsetWish.objects.select_for_update().filter(id=wish_id, line_id=line.id).first()
        if row is None:
            return Said("order refused", {"why": "late"})
        return _confirmed(row, line, language, at)


def confirm_by_code(*, code: str, line: Line, channel: str, language: str, at: datetime) -> Said | None:
    """Do the same for the wish whose code came; None: nothing of the line waits for any.

    A code that is wrong is counted against all that waits: three of them, and it is asked for anew.
    """
    with transaction.atomic():
        _take_turn(line.id)
        since = at - handset_rules.REMEMBERED
        lately = models.HandsetWish.objects.select_for_update().filter(
            line_id=line.id, channel=channel, asked_at__gt=since
        )
        rows = list(lately.order_by("-asked_at"))
        # What waits goes before what is done: of two with the same code the newer was meant.
        rows.sort(key=lambda row: row.state != State.OPEN)
        row = next((row for row in rows if code_of(row.id) == code and row.tries_left), None)
        if row is not None:
            return _confirmed(row, line, language, at)
        waiting = [row for row in rows if row.state == State.OPEN and row.expires_at > at]
        for one in waiting:
            one.tries_left -= 1
            one.state = one.state if one.tries_left else State.DEAD
            one.save(update_fields=["tries_left", "state"])
        if not waiting:
            return None
        left = max(one.tries_left for one in waiting)
        return Said("order refused", {"why": "wrong code", "tries": f"{left}"})


def last_of(line: Line, at: datetime) -> Said | None:
    """Return the last order of the line from a phone that can still be called off, as it was taken; None: none."""
    row = _last(line, at)
    if row is None or row.kind not in handset_rules.CALLED_OFF:
        return None
    order = models.Order.objects.filter(id=row.id, state__in=UNDONE_IN).exists()
    return _taken(row) if order else None


@transaction.atomic
def call_off(*, line: Line, at: datetime) -> Said:
    """Drop what waits for a yes, or else call off the last order from a phone while that is possible; say which."""
    _take_turn(line.id)
    waiting = models.HandsetWish.objects.filter(line_id=line.id, state=State.OPEN, expires_at__gt=at)
    if waiting.update(state=State.DEAD):
        return Said("order called off", {"what": "question"})
    row = _last(line, at)
    if row is None:
        return Said("order refused", {"why": "nothing to call off"})
    try:
        if row.kind not in handset_rules.CALLED_OFF:
            raise actions.TooLate
        actions.undo(order_id=row.id, line_ids=[line.id], at=at)
    except (actions.TooLate, NoSuchOrder):
        return Said("order refused", {"why": "cannot call off", "service": row.told.get("service", "")})
    return _gone(row)


def _last(line: Line, at: datetime) -> models.HandsetWish | None:
    since = at - handset_rules.REMEMBERED
    rows = models.HandsetWish.objects.filter(line_id=line.id, state=State.USED, asked_at__gt=since)
    return rows.order_by("-asked_at", "-id").first()


def code_of(wish_id: UUID) -> str:
    """Return the digits that confirm a wish; made anew each time, kept nowhere."""
    return handset_rules.code_of(salted_hmac("abonent.orders.handset", "", algorithm="sha256").digest(), wish_id)


def code_to_deliver(wish_id: str, now: datetime) -> str | None:
    """Return the digits for the message that asks, or None when it is too late for a yes."""
    row = models.HandsetWish.objects.filter(id=wish_id, state=State.OPEN, expires_at__gt=now).first()
    return code_of(row.id) if row else None


def forget(*, before: datetime) -> int:
    """Delete what was asked for before then; orders that came of it stay. Return how many that were."""
    return models.HandsetWish.objects.filter(asked_at__lt=before).delete()[0]


def _take_turn(line_id: int) -> None:
    with connection.cursor() as cursor:
        # Two texts of one phone are answered one after the other.
        cursor.execute("select pg_advisory_xact_lock(hashtext('handset'), hashtext(%s))", [f"{line_id}"])


def _asks_too_often(line_id: int, at: datetime) -> bool:
    lately = models.HandsetWish.objects.filter(line_id=line_id, asked_at__gt=at - handset_rules.SPAN)
    return lately.count() >= handset_rules.ASKED_MAX


def _written(
    line: Line, account_id: int | None, channel: str, wanted: Wanted, terms: Terms, at: datetime
) -> models.HandsetWish:
    """Return the question as it stands written, or write it down."""
    offered = {
        "version_id": terms.version_id, "total_minor": terms.total_minor, "effective_at": terms.effective_at,
        "end_day": terms.end, "told": terms.told,
    }  # fmt: skip
    standing = models.HandsetWish.objects.filter(
        line_id=line.id, channel=channel, kind=wanted.kind, about=wanted.about, state=State.OPEN
    )
    for row in standing:
        if row.expires_at > at and all(getattr(row, name) == value for name, value in offered.items()):
            return row
    # Too old, or of other terms by now.
    standing.update(state=State.DEAD)
    return models.HandsetWish.objects.create(
        id=uuid4(), line_id=line.id, account_id=account_id, channel=channel, kind=wanted.kind, about=wanted.about,
        state=State.OPEN, tries_left=handset_rules.TRIES_MAX, asked_at=at, expires_at=at + handset_rules.LIFE,
        **offered,
    )  # fmt: skip


def _confirmed(row: models.HandsetWish, line: Line, language: str, at: datetime) -> Said:
    if row.state == State.USED:
        gone = models.Order.objects.filter(id=row.id, state=Order.CANCELLED).exists()
        return _gone(row) if gone else _taken(row)
    if row.state == State.DEAD or row.expires_at <= at:
        return Said("order refused", {"why": "late"})
    return _carried_out(row, line, language, at)


def _carried_out(row: models.HandsetWish, line: Line, language: str, at: datetime) -> Said:
    """Place the order; of one whose price is another by now ask anew."""
    try:
        with transaction.atomic():
            _place(row, line, at)
    except (Changed, actions.Refused, blocks.Refused, promised.NotOffered, DifferentOrder):
        row.state = State.DEAD
        row.save(update_fields=["state"])
        # What stands in the way by now is told, or the question as it is by now.
        wanted = Wanted(Kind(row.kind), row.about, row.total_minor if row.kind == Kind.PROMISE else 0)
        said = ask(
            line=line, account_id=row.account_id, channel=row.channel, wanted=wanted, language=language, at=at,
            short_number=row.short_number,
        )  # fmt: skip
        return Said(said.template, {**said.params, "changed": "yes"}, said.wish_id)
    except Frozen:
        return Said("order refused", {"why": "protected"})
    row.state = State.USED
    row.save(update_fields=["state"])
    return _taken(row)


def _gone(row: models.HandsetWish) -> Said:
    return Said("order called off", {**row.told, "what": "order", "order": f"{row.id}"})


def _taken(row: models.HandsetWish) -> Said:
    return Said("order taken", {**row.told, "order": f"{row.id}"})


def _place(row: models.HandsetWish, line: Line, at: datetime) -> None:
    kind = Kind(row.kind)
    if kind is Kind.PROMISE:
        if row.account_id is not None:
            # Orders look at that themselves.
            ensure_not_frozen(row.account_id)
        promised.take(promise_id=row.id, line=line, amount_minor=row.total_minor, rules_id=row.version_id, at=at)
    elif kind is Kind.LOST:
        bars.report_lost(line_id=row.version_id, by=journal.OWNER, at=at)
    elif kind is Kind.TARIFF:
        tariffs.place(
            wish=TariffWish(
                row.id, line, row.version_id, row.total_minor, row.effective_at, row.channel, row.account_id
            ),
            at=at,
        )
    elif kind is Kind.BLOCK and row.end_day is not None:
        blocks.place(
            wish=blocks.Wish(
                row.id, line, None, row.end_day, row.version_id, row.total_minor, row.channel, row.account_id
            ),
            at=at,
        )
    else:
        actions.place(
            wish=Wish(row.id, line, Action(kind), row.version_id, row.total_minor, None, row.channel, row.account_id),
            at=at,
        )
