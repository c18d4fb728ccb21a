"""Reads of transfers; values, not models. Whoever sees a contract sees what went from it and came to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Q

from abonent.domains.billing import models, products
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.transfers import rules
from abonent.domains.billing.transfers.states import State
from abonent.domains.identity.rules import digest_of
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_money
from abonent.domains.lines.queries import Line


class NoSuchTransfer(LookupError):
    """The transfer is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as it stands; `looked_up` tells whether it is known who gets it, `contract_to` None: nobody can."""

    id: UUID
    contract_from: int
    contract_to: int | None
    line_from_id: int
    line_to_id: int | None
    number_from: str
    number_to: str
    name_from: str
    name_to: str
    asked_by: int | None
    amount_minor: int
    fee_minor: int
    state: State
    reason: str
    proven_by: str
    asked_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    looked_up: bool
    returns_id: UUID | None
    family_id: UUID | None
    asked_back_at: datetime | None
    kept_at: datetime | None

    @property
    def bound(self) -> str:
        """Return the digest that a proof of this transfer is bound to: who, from where, to whom, sum and fee."""
        return digest_of(
            ("transfer", self.id, self.asked_by, self.contract_from, self.number_to, self.line_to_id,
             self.amount_minor, self.fee_minor, "RUB")
        )  # fmt: skip


def value_of(row: models.Transfer) -> Transfer:
    """Return a row as a value."""
    return Transfer(
        id=row.id,
        contract_from=row.contract_from_id,
        contract_to=row.contract_to_id,
        line_from_id=row.line_from_id,
        line_to_id=row.line_to_id,
        number_from=row.number_from,
        number_to=row.number_to,
        name_from=row.name_from,
        name_to=row.name_to,
        asked_by=row.asked_by,
        amount_minor=row.amount_minor,
        fee_minor=row.fee_minor,
        state=State(row.state),
        reason=row.reason,
        proven_by=row.proven_by,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        settled_at=row.settled_at,
        looked_up=row.looked_up_at is not None,
        returns_id=row.returns_id,
        family_id=row.family_id,
        asked_back_at=row.asked_back_at,
        kept_at=row.kept_at,
    )


def asked_by(transfer_id: UUID, account_id: int) -> Transfer:
    """Return a transfer that the account itself asked for; raise `NoSuchTransfer`."""
    row = models.Transfer.objects.filter(id=transfer_id, asked_by=account_id).first()
    if row is None:
        raise NoSuchTransfer
    return value_of(row)


def seen(transfer_id: UUID, contract_ids: Collection[int], account_id: int) -> Transfer:
    """Return a transfer from or to one of the contracts; raise `NoSuchTransfer`.

    The receiver sees nothing of it before it is done; the other lines of the sender's contract do not either.
    """
    own = Q(asked_by=account_id) | Q(state=State.DONE, contract_from__in=contract_ids)
    row = models.Transfer.objects.filter(
        own | Q(state=State.DONE, contract_to__in=contract_ids), id=transfer_id
    ).first()  # fmt: skip
    if row is None:
        raise NoSuchTransfer
    return value_of(row)


def history(
    contract_id: int, *, older_than: datetime | None = None, limit: int = rules.HISTORY_SHOWN
) -> list[Transfer]:
    """Return what was done from and to the contract, newest first."""
    rows = models.Transfer.objects.filter(
        Q(contract_from=contract_id) | Q(contract_to=contract_id), state=State.DONE
    ).order_by("-settled_at", "-id")
    if older_than is not None:
        rows = rows.filter(settled_at__lt=older_than)
    return [value_of(row) for row in rows[:limit]]


def given_back(transfer_id: UUID) -> UUID | None:
    """Return the transfer that gave this one back, if any."""
    back = models.Transfer.objects.filter(returns_id=transfer_id, state=State.DONE)
    return back.values_list("id", flat=True).first()


def waiting_back(contract_id: int) -> list[Transfer]:
    """Return what the contract got, its senders ask back, and nobody has answered yet."""
    rows = models.Transfer.objects.filter(
        contract_to=contract_id, state=State.DONE, asked_back_at__isnull=False, kept_at=None
    ).order_by("asked_back_at")
    given = set(
        models.Transfer.objects.filter(returns__in=[row.id for row in rows], state=State.DONE).values_list(
            "returns_id", flat=True
        )
    )
    return [value_of(row) for row in rows if row.id not in given]


_SENT = """
    select coalesce(sum(amount_minor) filter (where settled_at >= %(day)s), 0)::bigint,
           coalesce(sum(amount_minor), 0)::bigint
      from billing_transfer
     where contract_from_id = %(contract)s and state = 'done' and settled_at >= %(month)s
       and returns_id is null and family_id is null
"""


def sender_of(account_id: int, line_id: int, at: datetime) -> tuple[rules.Sender, Line]:
    """Return what the rules ask of a sender, and the line; raise `NoSuchTransfer` when the account sees no such one."""
    seen_lines = lines.of_account(account_id)
    line = next((one for one in seen_lines if one.id == line_id), None)
    if line is None:
        raise NoSuchTransfer
    day, month = rules.day_and_month(at, ZoneInfo(settings.TIME_ZONE))
    with connection.cursor() as cursor:
        cursor.execute(_SENT, {"contract": line.contract_id, "day": day.start, "month": month.start})
        day_minor, month_minor = cursor.fetchone()
    sender = rules.Sender(
        contract_id=line.contract_id,
        opened_at=line.opened_at,
        prepaid=line.prepaid,
        blocked=line.blocked_at is not None,
        owns=queries_money.served_on(line.contract_id) <= {one.id for one in seen_lines},
        available_minor=products.available(line.contract_id),
        promised_minor=promised_minor(line.contract_id),
        day_minor=day_minor,
        month_minor=month_minor,
        limit_left_minor=limits_queries.left_minor(line.id, at),
    )
    return sender, line


def promised_minor(contract_id: int) -> int:
    """Return how much of the contract's balance was lent by a promise: it is not there to be given to others."""
    owed = promised_queries.owed(contract_id)
    return owed.left_minor if owed else 0
