"""How a promised payment goes back: first of all from the next money that comes, or else at its deadline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.billing import models, posting
from abonent.domains.billing.promised import messages as promised_messages
from abonent.domains.billing.promised.rules import METHOD, State, Terms, repayments
from abonent.domains.ledger import actions as ledger
from abonent.foundation import rounds

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Came:
    """Money that came to an account just now."""

    payment_id: UUID
    account_id: int
    ledger_account_id: int
    amount_minor: int
    at: datetime
    method: str


def repay(came: Sequence[Came]) -> list[ledger.Posting]:
    """Record what goes back to promises of new payments, and return the transfers to post in the same transaction.

    The promises stay locked until it ends, so two payments at once never repay the same rouble.
    """
    by_account: dict[int, list[Came]] = {}
    for one in sorted(came, key=lambda one: (one.at, one.payment_id)):
        by_account.setdefault(one.account_id, []).append(one)
    owed = (
        models.Promise.objects.select_for_update(of=("self",))
        .select_related("rules")
        .filter(account_id__in=by_account, state=State.ACTIVE)
        .order_by("account_id")
    )
    back: list[models.Repayment] = []
    owners: list[Came] = []
    changed = []
    for promise in owed:
        spared = Terms.from_json(promise.rules.terms).spared
        counts = [one for one in by_account[promise.account_id] if one.method not in spared]
        if not counts:
            continue
        parts = repayments(promise.amount_minor - promise.repaid_minor, [one.amount_minor for one in counts])
        made = [
            models.Repayment(
                id=UUID(posting.repayment_id(one.payment_id)),
                promise_id=promise.id,
                payment_id=one.payment_id,
                amount_minor=part,
                # Learned of late, it may have come before the promise: it goes back when it can.
                booked_at=max(one.at, promise.taken_at),
            )
            for one, part in zip(counts, parts, strict=True)
            if part
        ]
        back += made
        owners += counts[: len(made)]
        _note(promise, sum(parts), made[-1].booked_at)
        changed.append(promise)
    if not changed:
        return []
    models.Promise.objects.bulk_update(changed, ["repaid_minor", "state", "closed_at"])
    for promise in changed:
        promised_messages.repaid(promise, sum(one.amount_minor for one in back if one.promise_id == promise.id))
    return _record(back, [(one.account_id, one.ledger_account_id) for one in owners])


def take_back_due(*, now: datetime) -> int:
    """Take back what was not repaid by its deadline; return from how many. Each is a transaction of its own."""
    return _one_by_one(_take_back, {"due_at__lte": now}, now)


def warn_due(*, now: datetime) -> int:
    """Remind whoever has to repay soon, once each; return how many."""
    return _one_by_one(_warn, {"warn_at__lte": now, "warned_at": None, "due_at__gt": now}, now)


def _one_by_one(act: Callable[[models.Promise, datetime], None], wanted: dict[str, object], now: datetime) -> int:
    """Do something with every active promise that is `wanted`: what another worker holds is left to it."""
    done: list[UUID] = []
    active = models.Promise.objects.filter(state=State.ACTIVE, **wanted)

    @transaction.atomic
    def one(promise_id: UUID) -> None:
        promise = active.select_for_update(skip_locked=True).filter(id=promise_id).first()
        if promise is not None:
            act(promise, now)
            done.append(promise_id)

    while ids := list(active.order_by("due_at", "id").values_list("id", flat=True)[:AT_ONCE]):
        before = len(done)
        rounds.each(ids, one)
        if len(done) == before:
            break
    return len(done)


def _take_back(promise: models.Promise, now: datetime) -> None:
    account = models.Account.objects.get(id=promise.account_id)
    rest = models.Repayment(
        id=UUID(posting.repayment_id(promise.id)),
        promise_id=promise.id,
        amount_minor=promise.amount_minor - promise.repaid_minor,
        booked_at=promise.due_at,
    )
    promise.repaid_minor, promise.state, promise.closed_at = promise.amount_minor, State.UNPAID, promise.due_at
    promise.save(update_fields=["repaid_minor", "state", "closed_at"])
    ledger.post_many(_record([rest], [(account.id, account.ledger_account_id)]))
    promised_messages.taken_back(promise, rest.amount_minor, now)


def _warn(promise: models.Promise, now: datetime) -> None:
    promise.warned_at = now
    promise.save(update_fields=["warned_at"])
    promised_messages.warned(promise)


def _note(promise: models.Promise, amount_minor: int, at: datetime) -> None:
    promise.repaid_minor += amount_minor
    if promise.repaid_minor == promise.amount_minor:
        promise.state, promise.closed_at = State.REPAID, at


def _record(back: list[models.Repayment], owners: Sequence[tuple[int, int]]) -> list[ledger.Posting]:
    """Store why money goes back, and return its transfers; `owners` are account and ledger account of each."""
    models.Repayment.objects.bulk_create(back)
    models.Payment.objects.bulk_create(
        models.Payment(
            id=one.id, account_id=account_id, booked_at=one.booked_at, amount_minor=-one.amount_minor, method=METHOD
        )
        for one, (account_id, _) in zip(back, owners, strict=True)
    )
    house = posting.promised_account()
    return [
        ledger.Posting(one.id, own, house, one.amount_minor, one.booked_at, "promise back")
        for one, (_, own) in zip(back, owners, strict=True)
    ]
