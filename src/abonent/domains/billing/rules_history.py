"""What of the payments somebody wants to see. Pure: today comes in as an argument."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from abonent.domains.billing.statement.rules import Unclear, day_typed
from abonent.foundation.values.amount import InvalidAmount, parse_amount

CARD, SBP, CASH, AUTOPAY, OTHER = WAYS = ("card", "sbp", "cash", "autopay", "other")
# What is another way than these is `other`.
METHODS_OF_WAY: Mapping[str, tuple[str, ...]] = {
    CARD: ("card", "saved card"),
    SBP: ("sbp",),
    CASH: ("cash", "terminal", "shop"),
    AUTOPAY: ("autopay",),
}
SEARCH_MAX = 40
_ID_PART = re.compile("[0-9a-f]{4,32}")


@dataclass(frozen=True, slots=True)
class Filters:
    """Payments of whole local days from `first` to `last` (None: no end), by `ways` (empty: all), that match `search`.

    They match by sum (`amount_minor`, minor units), by a part of their detail, or by the beginning of their id
    (`id_part`, hexadecimal); without `search` all do.
    """

    first: date | None = None
    last: date | None = None
    ways: frozenset[str] = frozenset()
    search: str = ""
    amount_minor: int | None = None
    id_part: str = ""

    @classmethod
    def parse(cls, typed: Mapping[str, Sequence[str]], today: date) -> Filters:
        """Understand the texts of `from`, `to`, `way` (any number of them) and `search`.

        Raises `Unclear` with the codes `day_unreadable`, `day_unreal`, `day_in_future`, `days_reversed`, `way_unknown`
        and `search_too_long`.
        """
        problems: dict[str, str] = {}
        days: dict[str, date | None] = {}
        for field in ("from", "to"):
            try:
                days[field] = day_typed(_last(typed, field), today)
            except ValueError as problem:
                problems[field] = str(problem)
        first, last = days.get("from"), days.get("to")
        if first and last and first > last:
            problems["to"] = "days_reversed"
        ways = frozenset(word for text in typed.get("way", ()) for word in text.split(",") if word)
        if not ways <= set(WAYS):
            problems["way"] = "way_unknown"
        search = " ".join("".join(c if c.isprintable() else " " for c in _last(typed, "search")).split())
        if len(search) > SEARCH_MAX:
            problems["search"] = "search_too_long"
        if problems:
            raise Unclear(problems)
        part = search.replace("-", "").lower()
        return cls(
            first,
            last,
            frozenset() if ways == set(WAYS) else ways,
            search,
            _amount(search),
            part if _ID_PART.fullmatch(part) else "",
        )

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self == Filters()


def _last(typed: Mapping[str, Sequence[str]], field: str) -> str:
    texts = typed.get(field, ())
    return texts[-1] if texts else ""


def _amount(search: str) -> int | None:
    try:
        return parse_amount(search)
    except InvalidAmount:
        return None
