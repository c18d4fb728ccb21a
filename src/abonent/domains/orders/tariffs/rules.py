"""Whether the tariff of a line may be changed, and when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from abonent.domains.billing.tariffs_rules import starts_with_a_period
from abonent.domains.catalog.rules import Offer, TariffVersion
from abonent.domains.lines.provisioning.rules import TARIFF as FEATURE
from abonent.domains.orders.rules import Refusal, Why

DAYS_AHEAD_MAX = 90


@dataclass(frozen=True, slots=True)
class TariffFacts:
    """What a line is: `own` is what it has now, `coming` whether a change is on its way."""

    service: str
    blocked: bool
    network: bool
    own: TariffVersion
    coming: bool


def refused(offer: Offer, facts: TariffFacts, day: date, *, with_period: bool) -> Refusal | None:
    """Return why the tariff cannot be had from the local `day` on, money aside, None when it can.

    `with_period`: that is the beginning of a billing period.
    """
    version = offer.version
    if not facts.network:
        return Refusal(Why.NO_NETWORK)
    if facts.coming:
        return Refusal(Why.ON_THE_WAY)
    if version.id == facts.own.id:
        return Refusal(Why.HAS_ALREADY)
    if version.service != facts.service:
        return Refusal(Why.NOT_FOR_LINE)
    if facts.own.terms.switching.personal:
        return Refusal(Why.PERSONAL)
    if facts.blocked:
        return Refusal(Why.BLOCKED)
    if not offer.is_sold(day) or version.valid_from > day:
        return Refusal(Why.NOT_SOLD)
    if starts_with_a_period(facts.own, version) and not with_period:
        return Refusal(Why.PAID_WHOLE)
    return None


def missing_minor(needed_minor: int, available_minor: int, *, prepaid: bool) -> int:
    """Return how much is lacking for a change: what is owed is paid first, and who pays by bill needs nothing."""
    return max(0, needed_minor - available_minor) if prepaid else 0


def switched(own: TariffVersion, new: TariffVersion) -> tuple[set[str], set[str]]:
    """Return which features the network switches on and off; other terms of one tariff are one feature."""
    on, off = {FEATURE + new.tariff_code}, {FEATURE + own.tariff_code}
    return on, off - on
