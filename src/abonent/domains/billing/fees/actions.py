"""Recurring fees in bulk: what fell due, what is given back, what waited for money; each exactly once.

Some lines are one transaction, and runs take turns, so a process that dies loses nothing but its last few. Where a
balance has a say, the accounts are locked before it is read: a top-up of the same moment comes before or after, and
when it comes after, it announces that money came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import posting
from abonent.domains.billing.events import FeesPaid, FeesWait, ProductsPaid, ProductsWait
from abonent.domains.billing.fees import money as fees_money
from abonent.domains.billing.fees import products as fees_products
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees import state as fees_state
from abonent.domains.billing.fees import store as fees_store
from abonent.domains.billing.fees.money import Settled
from abonent.domains.billing.fees.rules import Fee, Mark
from abonent.domains.billing.fees.state import State
from abonent.domains.billing.limits import actions as limits
from abonent.domains.ledger import queries_bulk as ledger
from abonent.domains.lines import queries_bulk as lines
from abonent.foundation import outbox

LINES_AT_ONCE = 20_000
CONTRACTS_AT_ONCE = 2_000
_TURN = 0x66656573


def charge_fees(*, until: datetime) -> int:
    """Charge every fee due by `until` that was not charged yet, and what waited; return how many that were."""
    charged, after = 0, 0
    while not (some := lines.opened(after=after, limit=LINES_AT_ONCE)).is_empty():
        charged += charge_some(some, until)
        after = some["line_id"][-1]
    return charged


def charge_waiting(*, contract_ids: Collection[int], at: datetime) -> int:
    """Charge the fees of these contracts that waited for money, as far as it suffices; return how many that were."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select contract_id from billing_feewaiting where contract_id = any (%s) and charged_at is null
               union
               select contract_id from billing_productfeewaiting where contract_id = any (%s) and charged_at is null
               order by 1""",
            [list(contract_ids)] * 2,
        )
        waiting = [contract_id for (contract_id,) in cursor.fetchall()]
    charged = 0
    for first in range(0, len(waiting), CONTRACTS_AT_ONCE):
        charged += charge_some(lines.of_contracts(waiting[first : first + CONTRACTS_AT_ONCE]), at)
    return charged


def take_turn() -> None:
    """Let nobody else charge fees before this transaction ends; asked for before any account is locked."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_TURN])


@transaction.atomic
def charge_some(some: pl.DataFrame, until: datetime) -> int:
    """Charge what is due by `until` and what waits of these lines (`lines.queries_bulk.LINES`), all or nothing."""
    take_turn()
    until, zone = until.astimezone(UTC), ZoneInfo(settings.TIME_ZONE)
    state = fees_products.with_products(fees_state.load(some, until, zone), some, until, zone)
    if not state.lines:
        return 0
    due, marks = _due(state, until, zone)
    accounts = posting.accounts(
        {line.line.contract_id for line in state.lines.values()} if due or state.waiting else ()
    )
    settled = _settle(state, due, until, zone, dict(accounts.select("contract_id", "ledger_account_id").iter_rows()))
    charged = [fee for fee in settled.charged if fee.amount_minor]
    fees_store.charge(charged, accounts)
    limits.note_charges({fee.line.line_id for fee in charged}, at_once=False)
    fees_store.mark(fees_money.marks_after(marks, settled))
    fees_store.keep_waiting(settled, until)
    _announce(settled.waiting.keys() - state.waiting.keys(), FeesWait, ProductsWait)
    _announce({key for key, amount in settled.paid.items() if amount is not None}, FeesPaid, ProductsPaid)
    return sum(fee.amount_minor > 0 for fee in charged)


def _announce(
    keys: Collection[int], of_lines: Callable[[list[int]], object], of_products: Callable[[list[int]], object]
) -> None:
    """Announce what happened to the fees of lines, and to those of services, each by their ids."""
    if lines_told := sorted(key for key in keys if key > 0):
        outbox.announce(of_lines(lines_told))
    if products_told := sorted(-key for key in keys if key < 0):
        outbox.announce(of_products(products_told))


def _due(state: State, until: datetime, zone: ZoneInfo) -> tuple[list[Fee], dict[int, Mark]]:
    """Return what is given back and what fell due, and the marks of lines and services for which there was anything."""
    fees: list[Fee] = []
    marks: dict[int, Mark] = {}
    for key, (line, assigned, _) in state.lines.items():
        before = mark = state.marks[key]
        if mark is not None and mark.version_id is not None:
            back, mark = fees_rules.given_back(line, mark, assigned, until, zone)
            if back:
                fees.append(back)
        fallen, mark = fees_rules.due(line, mark, assigned, until, zone)
        fees += fallen
        if mark is not None and mark != before:
            marks[key] = mark
    return fees, marks


def _settle(state: State, due: list[Fee], until: datetime, zone: ZoneInfo, accounts: dict[int, int]) -> Settled:
    """Let the balances decide where they have a say; everything else is charged."""
    asking = {fee.line.contract_id for fee in due if fees_money.needs_money(fee)}
    asking.update(wait.contract_id for wait in state.waiting.values())
    if not asking:
        return Settled(due)
    # All accounts that are going to be posted to, or locks are not taken in one order.
    available = ledger.locked_available(accounts.values())
    settled = Settled([fee for fee in due if fee.line.contract_id not in asking])
    fees: dict[int, list[Fee]] = defaultdict(list)
    waiting: dict[int, dict[int, fees_money.Waiting]] = defaultdict(dict)
    for fee in due:
        if fee.line.contract_id in asking:
            fees[fee.line.contract_id].append(fee)
    for key, wait in state.waiting.items():
        waiting[wait.contract_id][key] = wait
    for contract_id in sorted(asking):
        balance = available[accounts[contract_id]]
        fees_money.settle(balance, fees[contract_id], waiting[contract_id], state.lines, until, zone, settled)
    return settled
