"""Value added tax inside our prices: its rates by date, and how it is taken out of a sum. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class VatRate:
    """The rate in whole percent from a day on, until the next one's day."""

    valid_from: date
    percent: int


# Article 164 of the Tax Code, in the wordings of Federal Laws 117-FZ, 303-FZ and 425-FZ.
RATES = (VatRate(date(2004, 1, 1), 18), VatRate(date(2019, 1, 1), 20), VatRate(date(2026, 1, 1), 22))


class NoRate(LookupError):
    """No rate is known for a day so long ago."""


def percent_on(day: date, rates: Sequence[VatRate] = RATES) -> int:
    """Return the rate of what is done on a local day; raise `NoRate`."""
    known = [rate.percent for rate in rates if rate.valid_from <= day]
    if not known:
        raise NoRate(day)
    return known[-1]


def vat_in(amount_minor: int, percent: int) -> int:
    """Return the tax that a sum with tax holds, in minor units, a half rounded away from zero.

    This is the only rounding there is: each line of a document holds its tax, and totals are sums of lines.
    """
    whole, rest = divmod(abs(amount_minor) * percent, 100 + percent)
    vat_minor = whole + (2 * rest >= 100 + percent)
    return vat_minor if amount_minor >= 0 else -vat_minor
