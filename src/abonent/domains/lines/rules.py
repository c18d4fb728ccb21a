"""Which numbers are served here. Pure."""

from __future__ import annotations

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
