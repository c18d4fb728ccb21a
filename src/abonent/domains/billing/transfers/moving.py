"""The money of a transfer moves: in the ledger, in what both sides see, in what they are told; in one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from abonent.domains.billing import models, posting
from abonent.domains.billing.events import MoneyCame
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.transfers import rules
from abonent.domains.billing.transfers.queries import Transfer
from abonent.domains.billing.transfers.rules import Refusal, Refused
from abonent.domains.ledger import actions as ledger
from abonent.domains.ledger import queries as balances
from abonent.domains.ledger.actions import Posting
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_money
from abonent.domains.messaging import actions as messaging
from abonent.foundation import outbox


class _Short(Exception):
    """Too little would be left."""

    def __init__(self, missing_minor: int) -> None:
        super().__init__(missing_minor)
        self.missing_minor = missing_minor


def lock_sender(contract_id: int) -> None:
    """Let money go from the contract to others one transfer after the other, to the end of the transaction.

    Only the sender's row is locked: two who send to each other do not wait in a ring, the ledger has its own order.
    """
    posting.accounts([contract_id])
    with connection.cursor() as cursor:
        cursor.execute("select from billing_account where contract_id = %s for no key update", [contract_id])


def move(row: models.Transfer, *, kept_minor: int, at: datetime) -> Refused | None:
    """Move sum and fee, write why on both sides; return why not, with nothing moved, when less than kept would be left.

    What is left beside what is held is looked at after it was taken, while the balance is locked: no charge can come
    in between.
    """
    if row.contract_to_id is None:
        raise ValueError("nobody gets it")
    found = posting.accounts([row.contract_from_id, row.contract_to_id])
    accounts = {contract: (account, in_ledger) for contract, account, in_ledger in found.iter_rows()}
    (payer_id, payer), (receiver_id, receiver) = accounts[row.contract_from_id], accounts[row.contract_to_id]
    postings = [Posting(row.id, payer, receiver, row.amount_minor, at, "transfer")]
    if row.fee_minor:
        revenue = ledger.open_account(book=posting.REVENUE, code=rules.CATEGORY, house=True)
        postings.append(Posting(rules.fee_id(row.id), payer, revenue, row.fee_minor, at, "transfer fee"))
    try:
        with transaction.atomic():
            ledger.post_many(postings)
            missing_minor = kept_minor - balances.available(payer)
            if missing_minor > 0:
                raise _Short(missing_minor)
    except _Short as short:
        return Refused(Refusal.SHORT, missing_minor=short.missing_minor)
    _write_charges(row, payer_id, at)
    limits.note_charges([row.line_from_id])
    models.Payment.objects.create(
        id=row.id,
        account_id=receiver_id,
        booked_at=at,
        amount_minor=row.amount_minor,
        method=rules.RETURN_METHOD if row.returns_id else rules.FAMILY_METHOD if row.family_id else rules.METHOD,
        detail=rules.masked(row.number_from),
    )
    outbox.announce(MoneyCame([row.contract_to_id]))
    return None


def tell(done: Transfer) -> None:
    """Tell the receiver that money came, and the sender that it went."""
    came = "transfer back came" if done.returns_id else "family money came" if done.family_id else "transfer came"
    send(done.line_to_id, came, amount_minor=done.amount_minor, number=done.number_from)
    if not done.family_id:
        send(
            done.line_from_id, "transfer went", amount_minor=done.amount_minor, number=done.number_to,
            fee_minor=done.fee_minor,
        )  # fmt: skip


def send(line_id: int | None, template: str, *, amount_minor: int, number: str, **more: int) -> None:
    """Send an SMS about a sum to a line, or to where codes of its contract go; `number` is the other side's."""
    if line_id is None:
        return
    recipient = lines.contact_of(line_id).number
    if recipient:
        told = {"amount_minor": str(amount_minor), "number": rules.masked(number)}
        told |= {name: str(minor) for name, minor in more.items()}
        messaging.send(
            recipient=recipient, template=template, params=told, language=queries_money.named(line_id).language
        )  # fmt: skip


def _write_charges(row: models.Transfer, account_id: int, at: datetime) -> None:
    """Write why the sender has less: the sum, and the fee, each under the id of its transfer in the ledger."""
    line = models.Charge(
        account_id=account_id,
        line_id=row.line_from_id,
        booked_at=at,
        quantity=1,
        included=0,
        billed_units=1,
        unit_size=1,
        tariff_version_id=_tariff_version(row.line_from_id, at),
        category=rules.CATEGORY,
        peer=rules.masked(row.number_to),
    )
    sums = [(row.id, row.amount_minor, rules.RULE)]
    sums += [(rules.fee_id(row.id), row.fee_minor, rules.FEE_RULE)] if row.fee_minor else []
    for charge_id, amount_minor, rule in sums:
        line.id, line.amount_minor, line.price_minor, line.rule = charge_id, amount_minor, amount_minor, rule
        line.save(force_insert=True)


def _tariff_version(line_id: int, at: datetime) -> int:
    """Return the version in force; one that is planned is not."""
    known = lines.assignments([line_id])
    begun = [one for one in known if one.valid_from <= at] or known
    return max(begun, key=lambda one: one.valid_from).tariff_version_id
