"""When the channels of a smart card may be sent to it once more. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# The satellite sends each card its rights in turn; so many at most reach one card in an hour.
AN_HOUR_MAX = 2
HOUR = timedelta(hours=1)
# So long it takes at most until the card has heard it.
TAKES = timedelta(minutes=10)


class Why(StrEnum):
    """Why nothing is sent."""

    NOT_SATELLITE = "not satellite"
    NO_NETWORK = "no network"
    NO_CARD = "no card"
    BARRED = "barred"
    ON_THE_WAY = "on the way"
    TOO_OFTEN = "too often"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not; `again_at` is when it can be asked for once more."""

    why: Why
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line is: `barred` when nothing is shown whatever is sent, `open_` while one is on its way.

    `asked` are the moments of the last ones that were not refused, in any order.
    """

    service: str
    network: bool
    card: str
    barred: bool
    open_: bool
    asked: Sequence[datetime]


def refused(facts: Facts, now: datetime) -> Refusal | None:
    """Return why nothing can be sent now, None: it can."""
    if facts.service != "satellite":
        return Refusal(Why.NOT_SATELLITE)
    if not facts.network:
        return Refusal(Why.NO_NETWORK)
    if not facts.card:
        return Refusal(Why.NO_CARD)
    if facts.barred:
        return Refusal(Why.BARRED)
    if facts.open_:
        return Refusal(Why.ON_THE_WAY)
    lately = sorted(one for one in facts.asked if now - HOUR < one)
    if len(lately) >= AN_HOUR_MAX:
        return Refusal(Why.TOO_OFTEN, lately[-AN_HOUR_MAX] + HOUR)
    return None
