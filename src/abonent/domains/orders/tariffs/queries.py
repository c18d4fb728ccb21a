"""A change of the tariff before it is ordered, and the one that is on its way; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from abonent.domains.billing import products as money
from abonent.domains.billing import tariffs as billing
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.products_rules import Price
from abonent.domains.billing.tariffs_rules import Quote
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import Offer, TariffVersion
from abonent.domains.lines.bars.rules import bars_all
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries
from abonent.domains.orders.queries import NoSuchOffer, Order, local_day
from abonent.domains.orders.rules import Action, Refusal, Why
from abonent.domains.orders.states import OPEN
from abonent.domains.orders.tariffs import rules as tariffs_rules
from abonent.domains.orders.tariffs.rules import TariffFacts


@dataclass(frozen=True, slots=True)
class TariffStanding:
    """What it means to change the tariff of a line: `offer` instead of `own`, what that costs, or why not.

    `own_sold`: one can come back to the own tariff. `available_minor` is what the contract can spend now.
    """

    offer: Offer
    own: TariffVersion
    own_sold: bool
    quote: Quote
    effective_at: datetime
    available_minor: int
    refusal: Refusal | None
    coming: Order | None

    @property
    def available_after_minor(self) -> int:
        """Return what there is when the change is done and its first fee, if that falls due with it, is charged."""
        quote = self.quote
        due = quote.first_minor - quote.back_minor if quote.soon else -quote.back_minor
        return self.available_minor - quote.once_minor - due


def coming(line_id: int) -> Order | None:
    """Return the change of the line's tariff that is on its way."""
    row = models.Order.objects.filter(line_id=line_id, action=Action.TARIFF, state__in=OPEN).first()
    return queries.value_of(row) if row else None


def standing(line: Line, code: str, now: datetime, effective_at: datetime | None = None) -> TariffStanding:
    """Return what it means to have the tariff of that code, from a moment on or (None) at once.

    Raises `NoSuchOffer`.
    """
    bad_day = effective_at is not None and not _is_a_day_for_it(effective_at, now)
    # Of a day that is refused anyway nothing is worked out.
    since = now if effective_at is None or bad_day else effective_at
    offered = catalog.offered(service=line.service, held=line.tariff_version_id, day=local_day(now))
    later = catalog.offered(service=line.service, held=line.tariff_version_id, day=local_day(since))
    # What is not sold any more by that day is refused with that reason, rather than not there.
    offer = later.find(code) or offered.find(code)
    if offer is None:
        raise NoSuchOffer(code)
    quote = billing.quote(line, offer.version, since, at_once=effective_at is None)
    there, on_its_way = money.available(line.contract_id), coming(line.id)
    refusal = (
        (Refusal(Why.DAY) if bad_day else None)
        or _refused(line, offer, offered.own.version, now, effective_at, coming=on_its_way is not None)
        or short(line, quote, there)
        or queries.held_back(line, price_of(quote), since, now)
    )
    return TariffStanding(
        offer, offered.own.version, offered.own.is_sold(local_day(since)), quote, since, there, refusal, on_its_way
    )


def _refused(
    line: Line, offer: Offer, own: TariffVersion, now: datetime, effective_at: datetime | None, *, coming: bool
) -> Refusal | None:
    day = local_day(effective_at or now)
    blocked = line.blocked_at is not None or bars_all(line.bars)
    facts = TariffFacts(line.service, blocked, provisioning_network.is_there(), own, coming)
    with_period = effective_at is not None and day.day == line.period_day
    return tariffs_rules.refused(offer, facts, day, with_period=with_period)


def _is_a_day_for_it(effective_at: datetime, now: datetime) -> bool:
    """Return whether a day begins then, from tomorrow on and not too far off."""
    day, today = local_day(effective_at), local_day(now)
    return today < day <= today + timedelta(days=tariffs_rules.DAYS_AHEAD_MAX) and effective_at == midnight(day)


def short(line: Line, quote: Quote, available_minor: int) -> Refusal | None:
    """Return that there is not enough money for a change."""
    missing = tariffs_rules.missing_minor(quote.needed_minor, available_minor, prepaid=line.prepaid)
    return Refusal(Why.SHORT, missing_minor=missing) if missing else None


def price_of(quote: Quote) -> Price:
    """Return what is held for a change; fees are not."""
    return Price(quote.once_minor, 0, quote.first, quote.end, quote.first_minor, quote.first)


def midnight(day: date) -> datetime:
    """Return when the local day begins."""
    return fees_rules.midnight(day, zone())


def zone() -> ZoneInfo:
    """Return the operator's time zone."""
    return ZoneInfo(settings.TIME_ZONE)
