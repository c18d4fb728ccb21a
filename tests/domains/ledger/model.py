"""What the ledger must answer, in plain Python: every sum is added up anew from all transfers, slow and plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from abonent.domains.ledger.actions import Hold, Operation, Posting, PostPending, Reversal, VoidPending

MOVED = ("single", "post", "reversal")
RESOLVED = ("post", "void", "expire")


class Refused(Exception):
    """The ledger refuses; the message is the error's name."""


@dataclass(frozen=True)
class Account:
    """What is known of an account; a house account has no floor."""

    floor_minor: int | None = None
    books: str = "main/RUB"


@dataclass(frozen=True)
class Row:
    """A transfer as it is kept."""

    debit: int
    credit: int
    amount_minor: int
    booked_at: datetime
    kind: str
    phase: str
    of: UUID | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Model:
    """Accounts by number and every transfer by id. It never changes: an operation makes the next one."""

    accounts: dict[int, Account]
    rows: dict[UUID, Row] = field(default_factory=dict)

    def resolution(self, pending_id: UUID) -> Row | None:
        """Return what resolved a pending transfer."""
        return next((row for row in self.rows.values() if row.of == pending_id and row.phase in RESOLVED), None)

    def sums(self, number: int) -> tuple[int, int, int, int]:
        """Return posted debits and credits, pending debits and credits."""
        moved = [row for row in self.rows.values() if row.phase in MOVED]
        pending = [row for key, row in self.rows.items() if row.phase == "pending" and self.resolution(key) is None]
        return (
            sum(row.amount_minor for row in moved if row.debit == number),
            sum(row.amount_minor for row in moved if row.credit == number),
            sum(row.amount_minor for row in pending if row.debit == number),
            sum(row.amount_minor for row in pending if row.credit == number),
        )

    def is_below_floor(self) -> bool:
        """Return whether less is left of an account, beside what is held, than it allows."""
        for number, account in self.accounts.items():
            debited, credited, held, _ = self.sums(number)
            if account.floor_minor is not None and credited - debited - held < account.floor_minor:
                return True
        return False

    def do(self, operation: Operation) -> tuple[Model, str]:
        """Return the ledger after an operation and what is answered."""
        row = self._row(operation)
        known = self.rows.get(operation.transfer_id)
        if known is not None:
            return self, self._again(known, row, operation)
        match operation:
            case PostPending() | VoidPending():
                self._check_pending(operation)
            case Reversal():
                row = self._check_reversal(operation)
        assert row
        after = replace(self, rows=self.rows | {operation.transfer_id: row})
        if after.is_below_floor():
            raise Refused("BelowFloor")
        after.check_books([row])
        return after, "posted"

    def linked(self, operations: Sequence[Operation]) -> tuple[Model, str]:
        """Do all in their order."""
        after = self
        for operation in operations:
            after, _ = after.do(operation)
        return after, str(len(after.rows) - len(self.rows))

    def many(self, postings: Sequence[Posting]) -> tuple[Model, str]:
        """Post all; only the end counts for the floors."""
        rows = dict(self.rows)
        for posting in postings:
            row = self._row(posting)
            assert row
            if rows.setdefault(posting.transfer_id, row) != row:
                raise Refused("DifferentTransfer")
        after = replace(self, rows=rows)
        after.check_books([row for key, row in rows.items() if key not in self.rows])
        if after.is_below_floor():
            raise Refused("BelowFloor")
        return after, str(len(rows) - len(self.rows))

    def expire(self, now: datetime) -> tuple[Model, str]:
        """Release what is due."""
        due = {
            key: row
            for key, row in self.rows.items()
            if row.expires_at and row.expires_at <= now and self.resolution(key) is None
        }
        ended = {
            UUID(int=key.int + 2**64): replace(row, phase="expire", of=key, expires_at=None) for key, row in due.items()
        }
        return replace(self, rows=self.rows | ended), str(len(due))

    def set_floor(self, number: int, floor_minor: int | None) -> tuple[Model, str]:
        """Move a floor."""
        moved = replace(self.accounts[number], floor_minor=floor_minor)
        after = replace(self, accounts=self.accounts | {number: moved})
        if after.is_below_floor():
            raise Refused("BelowFloor")
        return after, "done"

    def check_books(self, rows: Sequence[Row]) -> None:
        """Refuse what would mix books or currencies."""
        for row in rows:
            debit, credit = (self.accounts[number].books.split("/") for number in (row.debit, row.credit))
            if debit[0] != credit[0]:
                raise Refused("BooksMismatch")
            if debit != credit:
                raise Refused("CurrencyMismatch")

    def _row(self, operation: Operation) -> Row | None:
        """Return the row that an operation makes, when what it is about is there; a reversal's has the whole sum."""
        match operation:
            case Posting(_, debit, credit, amount_minor, booked_at, kind):
                return Row(debit, credit, amount_minor, booked_at, kind, "single")
            case Hold(_, debit, credit, amount_minor, booked_at, kind, expires_at):
                return Row(debit, credit, amount_minor, booked_at, kind, "pending", None, expires_at)
            case PostPending(_, pending_id, booked_at, amount_minor):
                held = self.rows.get(pending_id)
                return held and replace(
                    held, amount_minor=amount_minor or held.amount_minor, booked_at=booked_at, phase="post",
                    of=pending_id, expires_at=None,
                )  # fmt: skip
            case VoidPending(_, pending_id, booked_at):
                held = self.rows.get(pending_id)
                return held and replace(held, booked_at=booked_at, phase="void", of=pending_id, expires_at=None)
            case Reversal(_, of, booked_at, amount_minor):
                moved = self.rows.get(of)
                return moved and replace(
                    moved, debit=moved.credit, credit=moved.debit, amount_minor=amount_minor or moved.amount_minor,
                    booked_at=booked_at, phase="reversal", of=of,
                )  # fmt: skip

    def _again(self, known: Row, row: Row | None, operation: Operation) -> str:
        if isinstance(operation, Reversal) and operation.amount_minor is None and row:
            # What was left then: any sum.
            row = replace(row, amount_minor=known.amount_minor)
        if known != row:
            raise Refused("DifferentTransfer")
        return "already"

    def _check_pending(self, operation: PostPending | VoidPending) -> None:
        held = self.rows.get(operation.pending_id)
        if held is None or held.phase != "pending":
            raise Refused("NoSuchPending")
        resolution = self.resolution(operation.pending_id)
        if resolution is not None:
            raise Refused("PendingExpired" if resolution.phase == "expire" else "AlreadyResolved")
        if held.expires_at is not None and held.expires_at <= operation.booked_at:
            raise Refused("PendingExpired")
        if isinstance(operation, PostPending) and (operation.amount_minor or 0) > held.amount_minor:
            raise Refused("ExceedsOriginal")

    def _check_reversal(self, operation: Reversal) -> Row:
        moved = self.rows.get(operation.of)
        if moved is None or moved.phase not in ("single", "post"):
            raise Refused("NoSuchTransfer")
        taken = [row.amount_minor for row in self.rows.values() if row.of == operation.of and row.phase == "reversal"]
        left_minor = moved.amount_minor - sum(taken)
        amount_minor = operation.amount_minor or left_minor
        if left_minor == 0 or amount_minor > left_minor:
            raise Refused("ExceedsOriginal")
        row = self._row(operation)
        assert row
        return replace(row, amount_minor=amount_minor)
