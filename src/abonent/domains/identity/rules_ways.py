"""Which one way back will work for somebody without access to the number, from two answers. Pure.

Nothing is looked up: the answers are all it knows, so it tells a stranger nothing.
"""

from __future__ import annotations

from enum import StrEnum


class Sim(StrEnum):
    """Where the SIM is now."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    LOST = "lost"
    ANOTHERS = "anothers"


class Have(StrEnum):
    """What the person still has, the surest first."""

    PASSKEY = "passkey"
    PASSWORD = "password"  # noqa: S105 - the name of a way
    EMAIL = "email"
    SIGNED_IN = "signed-in"
    CONTRACT = "contract"


class WayBack(StrEnum):
    """What to do."""

    PASSKEY = "passkey"
    PASSWORD = "password"  # noqa: S105 - the name of a way
    EMAIL = "email"
    SIGNED_IN = "signed-in"
    CONTRACT = "contract"
    # Codes to the number do not come, though it is at hand: write to us from it.
    MESSAGE = "message"
    # Only the owner, with an identity document.
    SHOP = "shop"


def way_back(sim: Sim, have: frozenset[Have]) -> WayBack:
    """Return the one way that will work for these answers."""
    if sim is Sim.ANOTHERS:
        # What hung on the number ended with it: only another connection of the same person opens something.
        return WayBack.CONTRACT if Have.CONTRACT in have else WayBack.SHOP
    for own in (Have.PASSKEY, Have.PASSWORD, Have.EMAIL, Have.SIGNED_IN):
        if own in have:
            return WayBack(own)
    if sim is Sim.HERE:
        return WayBack.MESSAGE
    return WayBack.CONTRACT if Have.CONTRACT in have else WayBack.SHOP
