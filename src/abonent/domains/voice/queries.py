"""What tones and voicemail want to know of a line's services; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.queries import Line
from abonent.domains.orders import queries as orders

TONES, HITS, VOICEMAIL = "ring-back", "ring-back-hits", "voice-mail"


@dataclass(frozen=True, slots=True)
class Service:
    """The service behind a feature of the network: `version` of the line's own, or of what is sold; None: neither.

    `is_on`: the line has it, and its fee is paid.
    """

    version: OfferVersion | None
    is_on: bool
    is_paused: bool = False


def services(line: Line, at: datetime, *features: str) -> dict[str, Service]:
    """Return the services behind features of the network, for a line."""
    has = products_queries.of_line(line.id)
    versions = offers_queries.offer_versions(one.offer_version_id for one in has)
    sold = offers_queries.sold_on(orders.local_day(at), line.service)
    return {
        feature: next(
            (
                Service(versions[one.offer_version_id], one.paused_at is None, one.paused_at is not None)
                for one in has
                if feature in versions[one.offer_version_id].network
            ),
            Service(next((one for one in sold if feature in one.network), None), is_on=False),
        )
        for feature in features
    }


def is_on(line: Line, at: datetime, feature: str) -> bool:
    """Return whether the line has a service with the feature, paid for."""
    return services(line, at, feature)[feature].is_on
