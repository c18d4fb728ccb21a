"""What a statement is and how its filters are understood. Pure: today comes in as an argument."""

from __future__ import annotations

import base64
import binascii
import unicodedata
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from abonent.foundation.values import Period

CALLS, MESSAGES, INTERNET, CONTENT, ROAMING, FEES, TRANSFERS, PAYMENTS = TYPES = (
    "calls",
    "messages",
    "internet",
    "content",
    "roaming",
    "fees",
    "transfer",
    "payments",
)
USAGE_TYPES = frozenset({CALLS, MESSAGES, INTERNET, CONTENT, ROAMING})
MONTHS_KEPT = 3
SEARCH_MIN, SEARCH_MAX = 2, 40
TYPED_DAY_MAX = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEPARATORS = frozenset("+-()./ \t")
_NATIONAL_LENGTH = 11


class Position(NamedTuple):
    """Where an entry stands among the others; the greatest is the newest. `key` tells apart what is otherwise equal."""

    at: datetime
    rank: int
    source_id: int
    key: str

    def token(self) -> str:
        """Return the position as text for an address."""
        text = f"{(self.at - _EPOCH) // timedelta(microseconds=1)}|{self.rank}|{self.source_id}|{self.key}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str) -> Position:
        """Return the position that `token` says, or raise `ValueError`."""
        try:
            padded = token.encode("ascii") + b"=" * (-len(token) % 4)
            at, rank, source_id, key = base64.b64decode(padded, b"-_", validate=True).decode().split("|", 3)
            position = cls(_EPOCH + timedelta(microseconds=int(at)), int(rank), int(source_id), key)
            if position.rank != RECORD:
                UUID(key)
        except (ValueError, OverflowError, binascii.Error) as error:
            raise ValueError("no position") from error
        if position.rank not in (RECORD, FEE, PAYMENT) or not 0 <= position.source_id < 2**15 or "\0" in key:
            raise ValueError("no position")
        return position


RECORD, FEE, PAYMENT = 0, 1, 2
_RANKS = {FEES: FEE, TRANSFERS: FEE, PAYMENTS: PAYMENT}


class Entry(NamedTuple):
    """One row of a statement; a tuple, since a statement has up to hundreds of thousands.

    `kind` is `voice`, `sms`, `mms`, `data`, `content`, the category of a fee, `transfer` or `payment`; `direction` is
    `out`, `in` or empty: a payment goes `out` when it is given back.
    `quantity` is seconds (voice), bytes (data) or pieces; `zone` is empty, `home` or a roaming zone.
    `amount_minor` is negative when charged and positive when paid in. `included`: an allowance covered all of it.
    `detail` is the means of a payment, the rule of a transfer, or of a fee for a part of a period its days, `12/31`;
    a fee given back is `in`. `charge_id` is None where nothing was charged or weighed; `key` is the id of the record,
    fee or payment, `source_id` says whose id a record's is.
    """

    at: datetime
    type: str
    kind: str
    direction: str
    peer: str
    quantity: int
    zone: str
    amount_minor: int
    included: bool
    charge_id: str | None
    tariff_version_id: int | None
    detail: str
    source_id: int
    key: str

    @property
    def position(self) -> Position:
        return Position(self.at, _RANKS.get(self.type, RECORD), self.source_id, self.key)


@dataclass(frozen=True, slots=True)
class TypeTotal:
    """What the entries of one type add up to; `amount_minor` signed as in `Entry`."""

    type: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What all entries of a filter add up to, and by type, in the order of `TYPES`, without the empty ones."""

    by_type: tuple[TypeTotal, ...]

    @property
    def count(self) -> int:
        return sum(total.count for total in self.by_type)

    @property
    def charged_minor(self) -> int:
        return -sum(total.amount_minor for total in self.by_type if total.type != PAYMENTS)

    @property
    def paid_minor(self) -> int:
        return sum(total.amount_minor for total in self.by_type if total.type == PAYMENTS)


class Unclear(ValueError):
    """Filters that cannot be understood: `problems` maps a field to a code of what is wrong with it.

    Codes: `day_unreadable`, `day_unreal`, `day_too_early`, `day_in_future`, `days_reversed`, `type_unknown`,
    `search_too_short`, `search_too_long`.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {code}" for field, code in problems.items()))
        self.problems = problems


class _Problem(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Filters:
    """What is shown: whole local days from `first` to `last`, `types` (empty: all), `needles` (empty: any number).

    A needle is a part of a number or name, without regard to case; one starting with `+` is the number's beginning.
    A record matches when any needle does; fees and payments match only without needles.
    """

    first: date
    last: date
    types: frozenset[str] = frozenset()
    needles: tuple[str, ...] = ()

    @classmethod
    def parse(cls, typed: Mapping[str, Sequence[str]], today: date) -> Filters:
        """Understand the texts of `from`, `to`, `type` (any number of them, or with commas) and `search`.

        Raises `Unclear`. Days are ISO or `31.12.2026`, `31.12`; digits of any script are digits.
        """
        problems: dict[str, str] = {}
        earliest = earliest_day(today)
        days = {"from": earliest, "to": today}
        for field in days:
            try:
                days[field] = _day(_last(typed, field), today, days[field])
            except _Problem as problem:
                problems[field] = str(problem)
        if not problems and days["from"] > days["to"]:
            problems["to"] = "days_reversed"
        types = frozenset(word for text in typed.get("type", ()) for word in text.split(",") if word)
        if not types <= set(TYPES):
            problems["type"] = "type_unknown"
        needles: tuple[str, ...] = ()
        try:
            needles = _needles(_last(typed, "search"))
        except _Problem as problem:
            problems["search"] = str(problem)
        if problems:
            raise Unclear(problems)
        return cls(days["from"], days["to"], frozenset() if types == set(TYPES) else types, needles)

    def period(self, zone: ZoneInfo) -> Period:
        return Period.of_days(self.first, self.last, zone)

    def wants(self, kind: str) -> bool:
        """Return whether entries of a type can appear; only usage has a number to search by."""
        return (not self.types or kind in self.types) and (not self.needles or kind in USAGE_TYPES)

    @property
    def usage_types(self) -> frozenset[str]:
        return (self.types & USAGE_TYPES) if self.types else USAGE_TYPES


def earliest_day(today: date) -> date:
    """Return the first day that can be asked for: the same day three calendar months ago, or that month's last."""
    months = today.year * 12 + today.month - 1 - MONTHS_KEPT
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def presets(today: date) -> dict[str, tuple[date, date]]:
    """Return the periods offered by name, each within what can be asked for."""
    month = today.replace(day=1)
    previous_end = month - timedelta(days=1)
    return {
        "today": (today, today),
        "week": (today - timedelta(days=6), today),
        "month": (month, today),
        "previous_month": (previous_end.replace(day=1), previous_end),
        "all": (earliest_day(today), today),
    }


def _last(typed: Mapping[str, Sequence[str]], field: str) -> str:
    texts = typed.get(field, ())
    return texts[-1] if texts else ""


def _plain(text: str) -> str:
    """Return the text as it would be typed in ASCII digits, without what nobody can see."""
    text = unicodedata.normalize("NFKC", text)
    plain = "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else " " if c.isspace() else "-" if c in "‐‑‒–—−" else c
        for c in text
        if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    return " ".join(plain.split())


def day_typed(text: str, today: date) -> date | None:
    """Return the day that is meant, None when nothing was typed: ISO, `31.12.2026` or `31.12`; digits of any script.

    Raises `ValueError` with the code `day_unreadable`, `day_unreal` or `day_in_future`.
    """
    text = _plain(text[: TYPED_DAY_MAX + 1])
    if not text:
        return None
    parts = text.split("-") if "-" in text else text.rstrip(".").replace("/", ".").split(".")[::-1]
    if len(parts) == 2 and "-" not in text:
        parts = [str(today.year), *parts]
    if len(text) > TYPED_DAY_MAX or len(parts) != 3 or not all(p.isdecimal() and len(p) <= 4 for p in parts):
        raise _Problem("day_unreadable")
    year, month, day = (int(part) for part in parts)
    try:
        asked = date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        raise _Problem("day_unreal") from None
    if asked > today:
        raise _Problem("day_in_future")
    return asked


def _day(text: str, today: date, default: date) -> date:
    asked = day_typed(text, today)
    if asked is None:
        return default
    if asked < earliest_day(today):
        raise _Problem("day_too_early")
    return asked


def _needles(text: str) -> tuple[str, ...]:
    """Return what to look for. Digits may be typed any way; a leading 8 may also stand for +7."""
    text = _plain(text)
    if not text:
        return ()
    if not all(c.isdecimal() or c in _SEPARATORS for c in text):
        if len(text) > SEARCH_MAX:
            raise _Problem("search_too_long")
        if len(text) < SEARCH_MIN:
            raise _Problem("search_too_short")
        return (text,)
    digits = "".join(c for c in text if c.isdecimal())
    if len(digits) < SEARCH_MIN:
        raise _Problem("search_too_short")
    if len(digits) > SEARCH_MAX - 1:
        raise _Problem("search_too_long")
    if text.startswith("+"):
        return (f"+{digits}",)
    if digits.startswith("8") and len(digits) > SEARCH_MIN:
        home = f"+7{digits[1:]}"
        return (home,) if len(digits) == _NATIONAL_LENGTH else (digits, home)
    if digits.startswith("7") and len(digits) == _NATIONAL_LENGTH:
        return (f"+{digits}",)
    return (digits,)
