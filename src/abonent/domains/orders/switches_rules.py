"""Services that people think of as switches of their number: what each does, by the network's feature. Pure.

A switch is a service of the catalogue with that feature, so its price, its order and its undo are those of any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from abonent.domains.catalog.offers.rules import OfferVersion


class Switch(StrEnum):
    """What can be switched; the value is in addresses."""

    HIDE = "hide-number"
    CALLER = "who-calls"
    NO_DATA = "no-internet"
    ROAMING = "roaming"
    ROAMING_DATA = "roaming-internet"


# Here the service takes something away: while the line has it, what people call by that name is off.
TAKES_AWAY = frozenset({Switch.NO_DATA})
FEATURES: Mapping[str, Switch] = {
    "clir": Switch.HIDE,
    "cnap": Switch.CALLER,
    "no-data": Switch.NO_DATA,
    "roaming": Switch.ROAMING,
    "roaming-data": Switch.ROAMING_DATA,
}


def switch_of(version: OfferVersion) -> Switch | None:
    """Return which switch a service is, None: it is none, or does more than that."""
    return FEATURES.get(version.network[0]) if len(version.network) == 1 else None


def by_switch(versions: Iterable[OfferVersion]) -> dict[Switch, OfferVersion]:
    """Return the service of each switch that there is, the first one of several, in the order of the page."""
    found: dict[Switch, OfferVersion] = {}
    for version in versions:
        switch = switch_of(version)
        if switch is not None:
            found.setdefault(switch, version)
    return {switch: found[switch] for switch in Switch if switch in found}


def is_free(version: OfferVersion) -> bool:
    """Return whether it costs nothing, now or later: only such a one is switched with a press."""
    return not version.once_minor and not version.fee_minor


@dataclass(frozen=True, slots=True)
class Abroad:
    """What works in another country's networks."""

    calls: bool
    data: bool


def abroad(on: Collection[Switch]) -> Abroad:
    """Return what works abroad: data needs roaming as well, and what was taken away at home is not there either."""
    calls = Switch.ROAMING in on
    return Abroad(calls=calls, data=calls and Switch.ROAMING_DATA in on and Switch.NO_DATA not in on)
