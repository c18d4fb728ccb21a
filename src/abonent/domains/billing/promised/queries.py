"""Reads of promised payments; values, not models."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from abonent.domains.billing import models
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.promised import rules as promised_rules
from abonent.domains.billing.promised.rules import Facts, Offer, Past, Refusal, Rules, State, Terms
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.foundation.dated import DatedTerms

TERMS = DatedTerms(models.PromisedRules, Terms.from_json)
HISTORY_SHOWN = 50


class NoSuchPromise(LookupError):
    """The promise is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Repayment:
    """What went back of a promise, and when; not `from_top_up`: the deadline took it."""

    at: datetime
    amount_minor: int
    from_top_up: bool


@dataclass(frozen=True, slots=True)
class Promise:
    """A promised payment as its owner sees it; `closed_at` None: it is active until `due_at`."""

    id: UUID
    line_id: int
    amount_minor: int
    fee_minor: int
    fee_charge_id: UUID | None
    taken_at: datetime
    due_at: datetime
    repaid_minor: int
    state: State
    closed_at: datetime | None

    @property
    def left_minor(self) -> int:
        return self.amount_minor - self.repaid_minor


@dataclass(frozen=True, slots=True)
class Receipt:
    """A promise with everything that came of it, the earliest repayment first."""

    promise: Promise
    rules: Rules
    repayments: tuple[Repayment, ...]

    @property
    def taken_back_minor(self) -> int:
        """What the deadline took."""
        return sum(one.amount_minor for one in self.repayments if not one.from_top_up)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a line may take now, or why nothing; what its contract took before, the newest first."""

    decision: Offer | Refusal
    rules: Rules | None
    balance_minor: int
    past: tuple[Promise, ...]

    @property
    def active(self) -> Promise | None:
        return next((promise for promise in self.past if promise.state == State.ACTIVE), None)


def standing(line: Line, at: datetime) -> Standing:
    """Return how the line stands to promised payments, in seven queries, or eight with a spending limit."""
    zone = ZoneInfo(settings.TIME_ZONE)
    rules = rules_in_force(at)
    account_id, balance_minor = _money(line.contract_id)
    past = _past(account_id)
    served = lines.of_contract(line.contract_id)
    facts = Facts(
        opened_at=min((one.opened_at for one in served if one.closed_at is None), default=line.opened_at),
        prepaid=line.prepaid,
        blocked=line.blocked_at is not None,
        balance_minor=balance_minor,
        spent_minor=_spent([one.line_id for one in served], rules, at, zone) if rules else 0,
        past=tuple(Past(one.taken_at, one.state, one.closed_at) for one in past),
        limit_left_minor=limits_queries.left_minor(line.id, at),
    )
    return Standing(promised_rules.decide(rules, facts, at, zone), rules, balance_minor, past)


def receipt(*, promise_id: UUID, contract_ids: Collection[int]) -> Receipt:
    """Return a promise of one of the contracts, or raise `NoSuchPromise`. One of its repayments names it, too."""
    own = models.Account.objects.filter(contract_id__in=contract_ids).values("id")
    named = models.Repayment.objects.filter(id=promise_id).values("promise_id")
    found = models.Promise.objects.select_related("rules").filter(account_id__in=own)
    row = found.filter(id=promise_id).first() or found.filter(id__in=named).first()
    if row is None:
        raise NoSuchPromise
    repayments = models.Repayment.objects.filter(promise_id=row.id).order_by("booked_at", "id")
    return Receipt(
        _promise(row),
        TERMS.value(row.rules),
        tuple(Repayment(one.booked_at, one.amount_minor, one.payment_id is not None) for one in repayments),
    )


def fee(charge_id: UUID) -> Receipt | None:
    """Return the promise whose fee a charge is, without its repayments; None for another charge."""
    row = models.Promise.objects.select_related("rules").filter(fee_charge_id=charge_id).first()
    return Receipt(_promise(row), TERMS.value(row.rules), ()) if row else None


def rules_in_force(at: datetime) -> Rules | None:
    """Return the rules that hold at `at`, if any were published."""
    day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return TERMS.in_force(day)


def every_rules() -> list[Rules]:
    """Return all rules that were ever published, by the day they hold from."""
    return TERMS.every()


def owed(contract_id: int) -> Promise | None:
    """Return the promised payment that the contract has still to repay, None without one."""
    account = models.Account.objects.filter(contract_id=contract_id).values("id")
    row = models.Promise.objects.filter(account_id__in=account, state=State.ACTIVE).first()
    return _promise(row) if row else None


def _money(contract_id: int) -> tuple[int | None, int]:
    """Return the contract's account and its balance; a contract without one has nothing."""
    row = models.Account.objects.filter(contract_id=contract_id).values_list("id", "ledger_account_id").first()
    return (row[0], ledger.balance(row[1])) if row else (None, 0)


def _past(account_id: int | None) -> tuple[Promise, ...]:
    if account_id is None:
        return ()
    rows = models.Promise.objects.filter(account_id=account_id).order_by("-taken_at", "-id")
    return tuple(_promise(row) for row in rows[:HISTORY_SHOWN])


def _spent(line_ids: list[int], rules: Rules, at: datetime, zone: ZoneInfo) -> int:
    """Return what the lines cost in the months that count, without fees of promises: these prove nothing."""
    since = promised_rules.spending_since(rules.terms.spending_months, at, zone)
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(sum(amount_minor), 0)::bigint from billing_charge
                where line_id = any(%s) and booked_at >= %s and booked_at < %s and category <> %s""",
            [line_ids, since, at, promised_rules.CATEGORY],
        )
        return int(cursor.fetchone()[0])


def _promise(row: models.Promise) -> Promise:
    return Promise(
        id=row.id,
        line_id=row.line_id,
        amount_minor=row.amount_minor,
        fee_minor=row.fee_minor,
        fee_charge_id=row.fee_charge_id,
        taken_at=row.taken_at,
        due_at=row.due_at,
        repaid_minor=row.repaid_minor,
        state=State(row.state),
        closed_at=row.closed_at,
    )
