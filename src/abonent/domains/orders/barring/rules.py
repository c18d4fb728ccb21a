"""Call barring of 3GPP TS 22.088: which calls a subscriber may have barred, and what the network switches. Pure.

Of each direction one programme is on at a time; another takes its place. Emergency calls always go through, and
messages are no calls: codes still come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way the calls go."""

    OUT = "out"
    IN = "in"


class State(StrEnum):
    """Where a change stands; `ASKED`: the network does it, or will."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"


# Nothing barred is the empty name. BAOC, BOIC and BOIC-exHC; BAIC and BIC-Roam.
PROGRAMS: Mapping[Direction, tuple[str, ...]] = {
    Direction.OUT: ("all", "international", "international-but-home"),
    Direction.IN: ("all", "roaming"),
}
LENGTH_MAX = 30
# What the network calls the feature, before the direction; `:` and the programme come after it.
FEATURE = "barring-"


class Why(StrEnum):
    """Why barring is not changed."""

    NOT_MOBILE = "not mobile"
    NO_NETWORK = "no network"
    ON_THE_WAY = "on the way"
    ALREADY = "already"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line is, whether a change of the direction is `coming`, and the programme that is on `now` ("": none)."""

    service: str
    network: bool
    coming: bool
    now: str


def is_program(direction: Direction, program: str) -> bool:
    """Return whether there is such a programme; the empty name is that nothing is barred."""
    return program in ("", *PROGRAMS[direction])


def refused(facts: Facts, program: str) -> Why | None:
    """Return why the programme ("": nothing barred) cannot take the place of the one that is on; None: it can.

    Bars of the operator stand for themselves: they neither hinder barring nor end with it.
    """
    if facts.service != "mobile":
        return Why.NOT_MOBILE
    if not facts.network:
        return Why.NO_NETWORK
    if facts.coming:
        return Why.ON_THE_WAY
    if program == facts.now:
        return Why.ALREADY if program else Why.NOTHING
    return None


def switched(direction: Direction, program: str) -> tuple[list[str], list[str]]:
    """Return what the network switches on and off; a feature with another value takes the place of the one before."""
    name = f"{FEATURE}{direction}"
    return ([f"{name}:{program}"], []) if program else ([], [name])


def bars(programs: Mapping[Direction, str], *, outgoing: bool, abroad: bool, to_abroad: bool, to_home: bool) -> bool:
    """Return whether a call is barred by the programmes that are on.

    `outgoing`: it goes out. `abroad`: the phone is in another country's network. `to_abroad`: it goes to another
    country than the one where the phone is; `to_home`: to the operator's own country.
    """
    on = programs.get(Direction.OUT if outgoing else Direction.IN, "")
    if not outgoing:
        return on == "all" or (on == "roaming" and abroad)
    if on == "international-but-home":
        return to_abroad and not to_home
    return on == "all" or (on == "international" and to_abroad)
