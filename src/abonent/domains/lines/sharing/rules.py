"""What somebody may see and do of a line that its owner shared, how it is named, and until when we answer. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from abonent.domains.identity.rules import Cap


class Permission(StrEnum):
    """One thing that may be seen or done of a line."""

    BALANCE = "balance"
    TOP_UP = "top up"
    # What is left in the packages.
    LEFT_OVERS = "left overs"
    # What it costs, by category and day; never whom it called.
    EXPENSES = "expenses"
    # Bills, payments and how the balance came about: of the whole contract.
    PAPERS = "papers"
    # Services, tariff, spending limits.
    MANAGE = "manage"
    PROMISED = "promised"


class Role(StrEnum):
    """What the owner of a line agrees to; calls, passwords and the safety of the cabinet are in none of them."""

    FULL = "full"
    ACCOUNTANT = "accountant"
    # Who looks after the line of a child.
    CHILD = "child"
    VIEWER = "viewer"


_SEEN = {Permission.BALANCE, Permission.TOP_UP}
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.FULL: frozenset(Permission),
    Role.ACCOUNTANT: frozenset(_SEEN | {Permission.EXPENSES, Permission.PAPERS}),
    Role.CHILD: frozenset(_SEEN | {Permission.LEFT_OVERS, Permission.EXPENSES, Permission.MANAGE}),
    Role.VIEWER: frozenset(_SEEN),
}


class Consent(StrEnum):
    """How the owner agreed: a code sent to the number, its password, our staff who saw that both are one person's."""

    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - the name of a consent
    STAFF = "staff"


class EndedBy(StrEnum):
    """Who ended it."""

    OWNER = "owner"
    VIEWER = "viewer"
    # The SIM was replaced, the number given away, the contract ended.
    NETWORK = "network"


class RequestState(StrEnum):
    """How a request to see another number of one's own stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    CALLED_OFF = "called off"


class Reason(StrEnum):
    """Why staff refuse. The first says alike that a number is another's and that it is nobody's."""

    NOT_YOURS = "not yours"
    OTHER_REGION = "other region"
    DOCUMENT = "document"


# As the palette of charts has them, in its order.
COLOURS = ("teal", "orange", "violet", "pink", "grey")
NAME_LENGTH_MAX = 24
WISHED_FOR = timedelta(hours=1)
# Codes that one cabinet may have sent for this, and how many of them one number gets, whoever asks.
WISHES = (Cap(3, timedelta(hours=1)), Cap(6, timedelta(days=1)))
WISHES_TO_NUMBER = (Cap(2, timedelta(hours=1)), Cap(4, timedelta(days=1)))
# Whoever was shown the door has no code sent to it for a while.
SHUT_FOR = timedelta(days=7)
REQUESTS_OPEN_MAX = 5
ANSWERED_WITHIN_DAYS = 2
LOOKED_EVERY = timedelta(minutes=5)
SATURDAY = 5


def may(role: str, permission: Permission) -> bool:
    """Return whether a line that is seen as `role` gives the permission; without a role it is one's own: all."""
    return not role or permission in PERMISSIONS[Role(role)]


def name(typed: str) -> str:
    """Return the name of a line as it is kept, without blanks and what nobody sees around; raise `ValueError`: long."""
    shown = "".join(c for c in typed if c.isspace() or unicodedata.category(c)[0] != "C")
    kept = " ".join(shown.split())
    if len(kept) > NAME_LENGTH_MAX:
        raise ValueError(len(kept))
    return kept


def due(asked_at: datetime) -> datetime:
    """Return until when a request is answered: two working days on, at the same time of the (local) day."""
    day, left = asked_at, ANSWERED_WITHIN_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return day


def masked(number: str) -> str:
    """Return a number (E.164) of which only the last two digits tell anything."""
    return f"{number[:5]}•••••{number[-2:]}"


def called(given_name: str, family_name: str) -> str:
    """Return whom somebody may recognise by: `Анна П.`; empty when no name is known."""
    return " ".join(part for part in (given_name, f"{family_name[:1]}." if family_name else "") if part)
