"""Why a line is barred, what of it, and what the network has to know of that. Pure.

Several bars may stand at a time. What the network is to have follows from the *set* of them (`features`), so the order
in which they came and went, and how often the same was said, means nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum


class Kind(StrEnum):
    """Why; the gravest first. One of each kind stands at a time."""

    LOST = "lost"
    # Found by us or said by the network: what is barred twice is barred once.
    UNUSED = "unused"
    VOLUNTARY = "voluntary"
    UNPAID = "unpaid"
    LIMIT = "limit"


class Reach(StrEnum):
    """What is barred: everything, what goes out, or what costs money beyond the packages. Emergency calls never are."""

    ALL = "all"
    OUTGOING = "outgoing"
    PAID = "paid"


REACH: Mapping[Kind, Reach] = {
    Kind.LOST: Reach.ALL,
    Kind.UNUSED: Reach.ALL,
    Kind.VOLUNTARY: Reach.ALL,
    Kind.UNPAID: Reach.OUTGOING,
    Kind.LIMIT: Reach.PAID,
}
# What the network calls a reach, after this.
FEATURE = "bar-"
KNOWN = frozenset(f"{FEATURE}{reach}" for reach in Reach)
# Who holds the number is not known, or nobody does: what is sent there proves nothing, and nothing is sent.
SILENT = frozenset({Kind.LOST, Kind.UNUSED})


def features(standing: Iterable[Kind]) -> frozenset[str]:
    """Return what the network has on while these bars stand."""
    return frozenset(f"{FEATURE}{REACH[kind]}" for kind in standing)


def switched(before: Collection[Kind], after: Collection[Kind]) -> tuple[frozenset[str], frozenset[str]]:
    """Return what the network switches on and off when the bars that stand change."""
    was, is_now = features(before), features(after)
    return is_now - was, was - is_now


def silencing(standing: Iterable[Kind]) -> Kind | None:
    """Return the gravest bar for which the number proves nothing, None: it does."""
    return next((kind for kind in Kind if kind in SILENT and kind in set(standing)), None)


def gravest(standing: Collection[str]) -> Kind | None:
    """Return the bar that is told of first, None when none stands."""
    return next((kind for kind in Kind if kind in standing), None)


def bars_all(standing: Collection[str]) -> bool:
    """Return whether nothing at all works on the line."""
    return any(REACH[Kind(kind)] is Reach.ALL for kind in standing)
