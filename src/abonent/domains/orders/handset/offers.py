"""What a wish from a phone means: what it costs, from when, what is left then, or why it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from abonent.domains.billing import products as money
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised.rules import Refusal as NoPromise
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders import queries
from abonent.domains.orders.blocks import queries as blocks_queries
from abonent.domains.orders.handset.rules import Kind, Wanted
from abonent.domains.orders.rules import Action, Refusal, Why
from abonent.domains.orders.tariffs import queries as tariffs_queries


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered, as `HandsetWish` keeps it; `told` are the params of the question."""

    told: dict[str, str]
    version_id: int = 0
    total_minor: int = 0
    effective_at: datetime | None = None
    end: date | None = None


class Not(Exception):
    """It cannot be; `params` are those of the message that says why, and what to do."""

    def __init__(self, why: str, **params: str) -> None:
        super().__init__(why)
        self.params = {"why": why, **params}


def terms_of(line: Line, account_id: int | None, wanted: Wanted, language: str, at: datetime) -> Terms:
    """Return what the wish means for the line at `at`; raise `Not`."""
    if wanted.kind is Kind.LOST:
        return _lost(line, account_id, wanted)
    return _OF[wanted.kind](line, wanted, language, at)


def _service(line: Line, wanted: Wanted, language: str, at: datetime) -> Terms:
    try:
        shown = queries.standing(line, wanted.about, at)
    except queries.NoSuchOffer:
        raise Not("unknown") from None
    name = shown.version.names.get(language, shown.version.code)
    if str(shown.action) != str(wanted.kind):
        raise Not(str(Why.HAS_ALREADY if wanted.kind is Kind.CONNECT else Why.HAS_NOT), service=name)
    if shown.refusal is not None:
        related = [one.names.get(language, code) for code, one in shown.related.items()]
        raise _not(shown.refusal, name, related)
    price = shown.price
    connects = shown.action is Action.CONNECT
    told = {
        "action": "package" if shown.version.package else str(shown.action),
        "service": name,
        "total": f"{price.total_minor}",
        "next": f"{shown.version.fee_minor if connects else 0}",
        "per": shown.version.per,
        "days": f"{shown.version.package.days}" if shown.version.package else "",
        "after": _after(line, shown.available_minor - price.total_minor + shown.given_back_minor),
    }
    return Terms(told, shown.version.id or 0, price.total_minor)


def _tariff(line: Line, wanted: Wanted, language: str, at: datetime) -> Terms:
    try:
        shown = tariffs_queries.standing(line, wanted.about, at)
        if shown.refusal is not None and shown.refusal.why is Why.PAID_WHOLE:
            shown = tariffs_queries.standing(line, wanted.about, at, money.next_period(line, at))
    except queries.NoSuchOffer:
        raise Not("unknown") from None
    version = shown.offer.version
    name = version.names.get(language, version.tariff_code)
    if shown.refusal is not None:
        raise _not(shown.refusal, name)
    later = shown.effective_at if shown.effective_at > at else None
    told = {
        "action": "tariff",
        "service": name,
        "total": f"{shown.quote.total_minor if not later else shown.quote.once_minor}",
        "next": f"{version.fee_minor}",
        "per": version.terms.fee.per,
        "from": later.isoformat() if later else "",
        "after": "" if later else _after(line, shown.available_after_minor),
    }
    return Terms(told, version.id or 0, shown.quote.total_minor, later)


def _block(line: Line, wanted: Wanted, language: str, at: datetime) -> Terms:  # noqa: ARG001 - one shape for all
    try:
        shown = blocks_queries.standing(line, None, None, at)
    except blocks_queries.NotOffered:
        raise Not("not offered") from None
    if shown.refusal is not None:
        said = shown.refusal
        raise Not(
            f"block {said.why}", missing=f"{said.missing_minor}", day=said.day.isoformat() if said.day else "",
            number=line.number,
        )  # fmt: skip
    told = {
        "action": "block",
        "service": line.number,
        "total": f"{shown.once_minor}",
        "days": f"{shown.free_left}",
        "next": f"{shown.pause.day_minor if shown.quote.paid_days else 0}",
        "per": "day",
        "until": shown.pause.end.isoformat(),
        "after": _after(line, shown.available_minor - shown.once_minor),
    }
    return Terms(told, shown.rules.id, shown.total_minor, None, shown.pause.end)


def _promise(line: Line, wanted: Wanted, language: str, at: datetime) -> Terms:  # noqa: ARG001 - one shape for all
    decision = promised_queries.standing(line, at).decision
    if isinstance(decision, NoPromise):
        raise Not(
            f"promise {decision.why}", missing=f"{decision.short_minor}",
            until=decision.until.isoformat() if decision.until else "",
        )  # fmt: skip
    choice = decision.choice(wanted.amount_minor) if wanted.amount_minor else decision.choices[0]
    if choice is None:
        raise Not("promise sum", sums=" ".join(f"{one.amount_minor}" for one in decision.choices))
    told = {
        "action": "promise",
        "sum": f"{choice.amount_minor}",
        "total": f"{choice.fee_minor}",
        "until": choice.due_at.isoformat(),
        "after": f"{choice.balance_after_minor}",
    }
    return Terms(told, decision.rules.id or 0, choice.amount_minor)


def _lost(line: Line, account_id: int | None, wanted: Wanted) -> Terms:
    """Only an own number, and not the one in hand: whoever holds the phone has not lost it."""
    own = lines.of_account(account_id) if account_id else []
    other = next((one for one in own if one.number == wanted.about and one.service == "mobile"), None)
    if other is None or other.id == line.id:
        raise Not("not yours")
    if "lost" in other.bars:
        raise Not("lost already", number=other.number)
    return Terms({"action": "lost", "service": other.number, "total": "0"}, other.id)


def _not(refusal: Refusal, name: str, related: list[str] | None = None) -> Not:
    return Not(
        str(refusal.why), service=name, missing=f"{refusal.missing_minor}", left=f"{refusal.left_minor}",
        names=", ".join(f"«{one}»" for one in related or []),
    )  # fmt: skip


def _after(line: Line, available_minor: int) -> str:
    """Return what can be spent afterwards; nothing for who pays by bill."""
    return f"{available_minor}" if line.prepaid else ""


_OF: dict[Kind, Callable[[Line, Wanted, str, datetime], Terms]] = {
    Kind.CONNECT: _service,
    Kind.DISCONNECT: _service,
    Kind.TARIFF: _tariff,
    Kind.BLOCK: _block,
    Kind.PROMISE: _promise,
}
