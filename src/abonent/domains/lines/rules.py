"""Which numbers are served here, and when an SMS proves nothing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import phonenumbers

from abonent.foundation.values import Msisdn


class Holder(StrEnum):
    """Whose number range a number lies in: public knowledge, unlike whether the number is in use."""

    OURS = "ours"
    OTHER = "other"
    FOREIGN = "foreign"


def holder_of(number: Msisdn, *, ranges: tuple[str, ...], region: str) -> Holder:
    """Return whose range `number` lies in; `ranges` are our prefixes, `region` (ISO 3166) is where we serve."""
    if number.is_in(ranges):
        return Holder.OURS
    home = number.e164.startswith(f"+{phonenumbers.country_code_for_region(region)}")
    return Holder.OTHER if home else Holder.FOREIGN


# How long an SMS alone restores nothing after the SIM or the forwarding of a number changed.
HOLD = timedelta(hours=24)
HOLD_OF_MONEY = timedelta(hours=72)


class HoldReason(StrEnum):
    """What changed lately."""

    SIM = "sim"
    FORWARDING = "forwarding"


@dataclass(frozen=True, slots=True)
class Hold:
    """An SMS to the number is no proof by itself until then."""

    reason: HoldReason
    until: datetime


def hold_of(
    *, sim_replaced_at: datetime | None, forwarding_changed_at: datetime | None, now: datetime, span: timedelta = HOLD
) -> Hold | None:
    """Return what holds recovery by SMS back at `now`, the longer of two; None when nothing does."""
    changes = ((HoldReason.SIM, sim_replaced_at), (HoldReason.FORWARDING, forwarding_changed_at))
    holds = [Hold(reason, changed + span) for reason, changed in changes if changed and changed <= now < changed + span]
    return max(holds, key=lambda hold: hold.until, default=None)
