"""What providers get: fees of subscriptions, from the main balance or from the content account, and what comes back.

Every charge is one of the contract's. What the content account pays comes to the main account and leaves it in one
linked posting: so statement, bill and act of the contract add up, and nothing else of the main balance is touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction

from abonent.domains.billing import models, posting
from abonent.domains.billing.content import rules
from abonent.domains.billing.content.rules import CATEGORY, FEE_RULE, METHOD, RETURN_RULE
from abonent.domains.billing.corrections import queries as corrections_queries
from abonent.domains.billing.events import MoneyCame
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.products import Short
from abonent.domains.billing.transfers.queries import promised_minor
from abonent.domains.catalog.providers import rules as providers_rules
from abonent.domains.catalog.providers.rules import Per
from abonent.domains.ledger import actions as ledger
from abonent.domains.ledger import queries_bulk as locked
from abonent.domains.ledger.actions import Operation, Posting, Reversal
from abonent.domains.lines.queries import Line
from abonent.foundation import outbox

BOOK = "content"
KIND = "content"
# Our own space of names for ids that are made of other ids.
NAMES = UUID("2d5e2b46-0f0b-4f7b-8d0e-6e0a3c1a9d52")


class BadSum(ValueError):
    """No such sum is moved: nothing, less than nothing, or more than is moved at once."""


class DifferentMove(ValueError):
    """The form was used before, for something else."""


@dataclass(frozen=True, slots=True)
class Fee:
    """What is to be paid for a subscription: `amount_minor` for the local days from `first` to before `end`."""

    subscription_id: UUID
    provider: str
    service: str
    names: Mapping[str, str]
    per: Per
    amount_minor: int
    first: date
    end: date

    @property
    def charge_id(self) -> UUID:
        """Return the id of its charge, the same for ever: the same days are paid once."""
        return uuid5(NAMES, f"fee|{self.subscription_id.hex}|{self.first}")


@transaction.atomic
def switch(*, contract_id: int, on: bool, at: datetime) -> None:
    """Have providers paid from the content account alone, or from the main balance again; the same again is nothing.

    What lies on it stays there until somebody moves it.
    """
    _open(contract_id, at)
    models.ContentAccount.objects.filter(contract_id=contract_id, is_on=not on).update(is_on=on, changed_at=at)


@transaction.atomic
def move(*, move_id: UUID, contract_id: int, line_id: int, amount_minor: int, at: datetime) -> bool:
    """Move money to the content account, or (below zero) back; once by the form's id, False: that was done.

    Raises `BadSum`, `products.Short` with what is missing, `DifferentMove`; then nothing has changed.
    """
    if not 0 < abs(amount_minor) <= rules.MOVED_MAX_MINOR:
        raise BadSum(amount_minor)
    _open(contract_id, at)
    content = _locked(contract_id)
    account_id, main = _main(contract_id)
    known = models.Payment.objects.filter(id=move_id).first()
    if known is not None:
        if (known.account_id, known.amount_minor, known.method) != (account_id, -amount_minor, METHOD):
            raise DifferentMove(move_id)
        return False
    there = locked.locked_available([main, content.ledger_account_id])
    source = main if amount_minor > 0 else content.ledger_account_id
    spendable = there[source] - (promised_minor(contract_id) if amount_minor > 0 else 0)
    if missing := rules.missing_minor(abs(amount_minor), spendable, may_owe=False):
        raise Short(missing)
    models.Payment.objects.create(
        id=move_id, account_id=account_id, booked_at=at, amount_minor=-amount_minor, method=METHOD
    )
    debit, credit = (main, content.ledger_account_id) if amount_minor > 0 else (content.ledger_account_id, main)
    ledger.post_linked([Posting(move_id, debit, credit, abs(amount_minor), at, KIND)])
    # What waited for money on either side may go on.
    outbox.announce(MoneyCame([contract_id]))
    limits.note_charges([line_id], at_once=False)
    return True


@transaction.atomic
def charge(*, line: Line, fee: Fee, at: datetime) -> bool:
    """Take a fee once, False: it was taken before; raise `products.Short` and take nothing when there is too little."""
    content = models.ContentAccount.objects.select_for_update(no_key=True).filter(contract_id=line.contract_id).first()
    if models.PartnerCharge.objects.filter(id=fee.charge_id).exists():
        return False
    from_content = content is not None and content.is_on
    account_id, main = _main(line.contract_id)
    source = content.ledger_account_id if content is not None and from_content else main
    there = locked.locked_available({main, source})[source]
    if missing := rules.missing_minor(fee.amount_minor, there, may_owe=not from_content and not line.prepaid):
        raise Short(missing)
    _write(line, account_id, fee, fee.charge_id, fee.amount_minor, FEE_RULE, at)
    models.PartnerCharge.objects.create(
        id=fee.charge_id, subscription_id=fee.subscription_id, provider=fee.provider, names=dict(fee.names),
        per=fee.per, from_content=from_content, amount_minor=fee.amount_minor,
    )  # fmt: skip
    operations: list[Operation] = []
    if from_content:
        cover = uuid5(NAMES, f"cover|{fee.charge_id.hex}")
        _pay(cover, account_id, fee.amount_minor, at)
        operations.append(Posting(cover, source, main, fee.amount_minor, at, KIND))
    revenue = posting.revenue_accounts()[CATEGORY]
    operations.append(Posting(fee.charge_id, main, revenue, fee.amount_minor, at, KIND))
    ledger.post_linked(operations)
    limits.note_charges([line.id], at_once=False)
    return True


@transaction.atomic
def give_back(*, line: Line, fee: Fee, amount_minor: int, at: datetime) -> int:
    """Give days back that were paid and are left over, to where they were paid from; return how much that was, once.

    What staff gave back of the charge meanwhile is not given twice.
    """
    row = models.PartnerCharge.objects.select_for_update(no_key=True).filter(id=fee.charge_id).first()
    if row is None or row.returned_minor:
        return 0
    return _return(line, fee, row, amount_minor, at)


@transaction.atomic
def give_all_back(*, line: Line, fees: Sequence[Fee], at: datetime) -> int:
    """Give back all that is left of these fees, to where each was paid from; return how much that was."""
    back = 0
    for fee in sorted(fees, key=lambda fee: fee.first):
        row = models.PartnerCharge.objects.select_for_update(no_key=True).filter(id=fee.charge_id).first()
        back += _return(line, fee, row, row.amount_minor, at) if row is not None else 0
    return back


def _return(line: Line, fee: Fee, row: models.PartnerCharge, most_minor: int, at: datetime) -> int:
    corrected = sum(one.amount_minor for one in corrections_queries.of_charge(row.id))
    back = min(most_minor, row.amount_minor - row.returned_minor - corrected)
    if back <= 0:
        return 0
    turn = f"{row.id.hex}|{row.returned_minor}"
    row.returned_minor += back
    row.save(update_fields=["returned_minor"])
    account_id, main = _main(line.contract_id)
    back_id = uuid5(NAMES, f"back|{turn}")
    _write(line, account_id, fee, back_id, -back, RETURN_RULE, at)
    operations: list[Operation] = [Reversal(back_id, row.id, at, back)]
    if row.from_content:
        content = _locked(line.contract_id)
        cover = uuid5(NAMES, f"uncover|{turn}")
        _pay(cover, account_id, -back, at)
        operations.append(Posting(cover, main, content.ledger_account_id, back, at, KIND))
    ledger.post_linked(operations)
    outbox.announce(MoneyCame([line.contract_id]))
    return back


def _open(contract_id: int, at: datetime) -> None:
    if models.ContentAccount.objects.filter(contract_id=contract_id).exists():
        return
    opened = ledger.open_account(book=BOOK, code=str(contract_id), floor_minor=0)
    models.ContentAccount.objects.bulk_create(
        [models.ContentAccount(contract_id=contract_id, ledger_account_id=opened, is_on=False, changed_at=at)],
        ignore_conflicts=True,
    )


def _locked(contract_id: int) -> models.ContentAccount:
    found: models.ContentAccount = models.ContentAccount.objects.select_for_update(no_key=True).get(
        contract_id=contract_id
    )
    return found


def _main(contract_id: int) -> tuple[int, int]:
    [(_contract, account_id, in_ledger)] = posting.accounts([contract_id]).iter_rows()
    return account_id, in_ledger


def _pay(payment_id: UUID, account_id: int, amount_minor: int, at: datetime) -> None:
    models.Payment.objects.create(
        id=payment_id, account_id=account_id, booked_at=at, amount_minor=amount_minor, method=METHOD
    )


def _write(line: Line, account_id: int, fee: Fee, charge_id: UUID, minor: int, rule: str, at: datetime) -> None:
    models.Charge.objects.create(
        id=charge_id, account_id=account_id, line_id=line.id, booked_at=at, amount_minor=minor, price_minor=minor,
        quantity=1, included=0, billed_units=1, unit_size=1, tariff_version_id=line.tariff_version_id,
        category=CATEGORY, rule=rule, peer=providers_rules.key(fee.provider, fee.service), first_day=fee.first,
        end_day=fee.end,
    )  # fmt: skip
