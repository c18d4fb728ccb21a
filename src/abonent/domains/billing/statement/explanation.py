"""Why a sum was charged: which record, which rule, which price, of which day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from abonent.domains.billing import models, products_rules
from abonent.domains.billing.content import queries as content_queries
from abonent.domains.billing.content import rules as content_rules
from abonent.domains.billing.content.queries import PartnerFee
from abonent.domains.billing.corrections import queries as corrections_queries
from abonent.domains.billing.corrections.queries import Correction
from abonent.domains.billing.corrections.rules import CATEGORY
from abonent.domains.billing.packages.rules import Held
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised import rules as promised_rules
from abonent.domains.billing.promised.queries import Receipt
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.rules import Geography, TariffVersion
from abonent.domains.usage import queries as usage


class NoSuchCharge(LookupError):
    """The charge is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A charge with everything it came from; names are by language, empty where there is nothing to name.

    `kind` is `voice`, `sms`, `mms`, `data`, `content`, the category of a fee or `transfer`, `direction` `out`, `in`
    or empty; of a service `tariff` is what that is called. `promised` is what the fee of a promised payment is for, and
    `tariff` then has no part in it. `quantity`,
    `included` and `unit_size` are seconds, bytes or pieces; `amount_minor = billed_units * price_minor`. A fee is for
    the local days from `first_day` to before `end_day`; paid (or given back, direction `in`) by days it is for
    `quantity` of the `unit_size` days of a period, which costs `price_minor`. `correction`: staff moved the sum, why
    and of which charge; `given_back`: what staff gave back of this one. Neither has anything to do with a tariff.
    """

    line_id: int
    at: datetime
    category: str
    kind: str
    direction: str
    peer: str
    zone: Mapping[str, str]
    destination: Mapping[str, str]
    quantity: int
    included: int
    unit_size: int
    billed_units: int
    price_minor: int
    amount_minor: int
    rule: str
    tariff: Mapping[str, str]
    tariff_from: date
    record_id: str
    promised: Receipt | None = None
    first_day: date | None = None
    end_day: date | None = None
    tariff_version_id: int = 0
    correction: Correction | None = None
    # A fee of a provider's subscription, which no tariff has a part in.
    partner: PartnerFee | None = None
    given_back: tuple[Correction, ...] = ()
    # The buckets that `included` came from, with how much, and the names of packages by the ids of their versions.
    covered_by: tuple[tuple[Held, int], ...] = ()
    packages: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


def explanation(*, charge_id: UUID, line_ids: Collection[int]) -> Explanation:
    """Explain a charge of one of the lines, or raise `NoSuchCharge`."""
    charge = models.Charge.objects.filter(pk=charge_id, line_id__in=line_ids).first()
    if charge is None:
        raise NoSuchCharge
    version = _version(charge)
    geography = catalog.geography()
    record = None
    if charge.record_id is not None and charge.source_id is not None:
        record = usage.record(started_at=charge.booked_at, source_id=charge.source_id, record_id=charge.record_id)
    kind = record.kind.name.lower() if record else charge.category
    promised = promised_queries.fee(charge.id) if kind == promised_rules.CATEGORY else None
    correction = corrections_queries.correction(charge.id) if kind == CATEGORY else None
    of_partner = kind == content_rules.CATEGORY
    covered_by = _covered_by(charge)
    bought = offers_queries.offer_versions(held.offer_version_id for held, _ in covered_by if held.offer_version_id)
    return Explanation(
        line_id=charge.line_id,
        category=charge.category,
        at=charge.booked_at,
        kind=kind,
        direction=record.direction.name.lower() if record else "in" if charge.amount_minor < 0 else "",
        peer=record.peer if record else charge.peer,
        zone=next((zone.names for zone in geography.zones if record and zone.code == record.zone), {}),
        destination=_destination(version, geography, charge.rule),
        quantity=charge.quantity,
        included=charge.included,
        unit_size=charge.unit_size,
        billed_units=charge.billed_units,
        price_minor=charge.price_minor,
        amount_minor=charge.amount_minor,
        rule=charge.rule,
        tariff={} if promised or correction or of_partner else version.names,
        tariff_from=promised.rules.valid_from if promised else version.valid_from,
        record_id=charge.record_id or "",
        promised=promised,
        first_day=charge.first_day,
        end_day=charge.end_day,
        tariff_version_id=charge.tariff_version_id,
        correction=correction,
        partner=content_queries.fee(charge.id) if of_partner else None,
        given_back=() if correction else tuple(corrections_queries.of_charge(charge.id)),
        covered_by=covered_by,
        packages={id_: version.names for id_, version in bought.items()},
    )


def _covered_by(charge: models.Charge) -> tuple[tuple[Held, int], ...]:
    """Return the buckets that what is included came from; nothing when that can only be the tariff's own."""
    if not charge.included or charge.record_id is None or charge.source_id is None:
        return ()
    return tuple(
        rating_batch.covering(
            line_id=charge.line_id, at=charge.booked_at, source_id=charge.source_id, record_id=charge.record_id
        )
    )


def _version(charge: models.Charge) -> TariffVersion:
    """Return the terms by which it was charged: those of a tariff, or of a service."""
    if charge.category == products_rules.CATEGORY:
        return offers_queries.offer_versions([charge.tariff_version_id])[charge.tariff_version_id].as_fee()
    return catalog.tariff_versions([charge.tariff_version_id])[charge.tariff_version_id]


def _destination(version: TariffVersion, geography: Geography, rule: str) -> Mapping[str, str]:
    """Return what the rule's destination is called; a rule for any destination has none."""
    code = next((price.destination for price in version.terms.prices if price.code == rule), "")
    return next((d.names for d in geography.destinations if code and d.code == code), {})
