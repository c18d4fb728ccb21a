"""Money that staff move on an account: posted once by its id, with the reason beside it, and told to its owner.

Who may ask for it and who must agree is decided a floor above; here stands what the account allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from abonent.domains.billing import models, posting
from abonent.domains.billing.corrections import queries as corrections_queries
from abonent.domains.billing.corrections.rules import CATEGORY, REASONS, Facts, Kind, Refusal, Refused, check
from abonent.domains.billing.events import MoneyCame
from abonent.domains.billing.limits import actions as limits
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_money
from abonent.domains.messaging import actions as messaging
from abonent.foundation import outbox


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be moved: `correction_id` is made by who asks; of a refund it is the refund's."""

    correction_id: UUID
    contract_id: int
    line_id: int
    kind: Kind
    amount_minor: int
    reason: str
    charge_id: UUID | None = None
    payment_id: UUID | None = None


def check_now(wish: Wish) -> None:
    """Raise `Refused` when it could not be done as things stand; nothing is locked, nothing is written."""
    if wish.reason not in REASONS[wish.kind]:
        raise ValueError(f"no reason for a {wish.kind}: {wish.reason}")
    check(wish.kind, wish.amount_minor, _facts(wish))


@transaction.atomic
def post(*, wish: Wish, at: datetime) -> bool:
    """Move the sum, write why and tell the owner; once by its id, False when that was done. Raises `Refused`.

    Of a refund only the reason is written: its money moves when the gateway has given it back.
    """
    account_id, ledger_account = _locked(wish.contract_id)
    if models.Correction.objects.filter(id=wish.correction_id).exists():
        return False
    check_now(wish)
    models.Correction.objects.create(
        id=wish.correction_id, account_id=account_id, line_id=wish.line_id, kind=wish.kind,
        amount_minor=wish.amount_minor, reason=wish.reason, charge_id=wish.charge_id, payment_id=wish.payment_id,
        booked_at=at,
    )  # fmt: skip
    if wish.kind is Kind.REFUND:
        return True
    _move(wish, ledger_account, at)
    _write_charge(wish, account_id, at)
    limits.note_charges([wish.line_id], at_once=False)
    if wish.kind is Kind.CREDIT:
        outbox.announce(MoneyCame([wish.contract_id]))
    left = corrections_queries.money(wish.contract_id)
    if wish.kind is Kind.DEBIT and left.prepaid and left.available_minor < 0:
        # A call was charged between the look and the posting.
        raise Refused(Refusal.SPENT, max(0, left.available_minor + wish.amount_minor))
    _tell(wish, left.balance_minor)
    return True


def _facts(wish: Wish) -> Facts:
    try:
        return corrections_queries.facts(
            contract_id=wish.contract_id, charge_id=wish.charge_id, payment_id=wish.payment_id
        )
    except LookupError:
        raise Refused(Refusal.NOT_THERE) from None


def _locked(contract_id: int) -> tuple[int, int]:
    """Let corrections, promises and transfers of the contract go one after the other; return its accounts."""
    [(_contract, account_id, ledger_account)] = posting.accounts([contract_id]).iter_rows()
    with connection.cursor() as cursor:
        cursor.execute("select from billing_account where id = %s for no key update", [account_id])
    return account_id, ledger_account


def _move(wish: Wish, ledger_account: int, at: datetime) -> None:
    revenue = ledger.open_account(book=posting.REVENUE, code=CATEGORY, house=True)
    debit, credit = (revenue, ledger_account) if wish.kind is Kind.CREDIT else (ledger_account, revenue)
    ledger.post(
        transfer_id=wish.correction_id, debit=debit, credit=credit, amount_minor=wish.amount_minor, booked_at=at,
        kind=CATEGORY,
    )  # fmt: skip


def _write_charge(wish: Wish, account_id: int, at: datetime) -> None:
    """Write why as a charge, below zero when the customer gets it: so it counts in expenses, bills and their tax."""
    amount_minor = -wish.amount_minor if wish.kind is Kind.CREDIT else wish.amount_minor
    tariff = max(lines.assignments([wish.line_id]), key=lambda one: one.valid_from).tariff_version_id
    models.Charge.objects.create(
        id=wish.correction_id, account_id=account_id, line_id=wish.line_id, booked_at=at, amount_minor=amount_minor,
        price_minor=amount_minor, quantity=1, included=0, billed_units=1, unit_size=1, tariff_version_id=tariff,
        category=CATEGORY, rule=wish.reason,
    )  # fmt: skip


def _tell(wish: Wish, balance_minor: int) -> None:
    contact = lines.contact_of(wish.line_id)
    channel, recipient = ("sms", contact.number) if contact.number else ("email", contact.email)
    if recipient:
        sums = {"sum": str(wish.amount_minor), "balance": str(balance_minor)}
        params = sums | {"kind": wish.kind.value, "reason": wish.reason}
        language = queries_money.named(wish.line_id).language
        messaging.send(channel=channel, recipient=recipient, template="corrected", params=params, language=language)
