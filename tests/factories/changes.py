"""Other terms of tariffs that people have, published and spread as workers do it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from abonent.demo import catalogue
from abonent.domains.billing.changes import actions as changes
from abonent.domains.billing.changes import messages as changes_messages
from abonent.domains.catalog import actions as catalog_actions
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import Price, TariffVersion
from abonent.domains.lines import queries_bulk
from abonent.domains.messaging.models import Message
from tests.factories import catalog as make

WHY = {"ru": "Выросли расходы на сеть", "en": "Running the network costs more"}


def dearer(code: str = "svobodny", day: date = date(2026, 12, 15), **other: Any) -> TariffVersion:
    """Return a tariff of the fictional operator with a fee of 700 roubles and messages of 3.00."""
    make.of_the_demo(code)
    old = next(one for one in catalogue.tariffs() if one.tariff_code == code)
    prices = tuple(replace(p, price_minor=300) if p.code == "sms-home" else p for p in old.terms.prices)
    return replace(old, valid_from=day, **{"fee_minor": 700_00, "terms": replace(old.terms, prices=prices)} | other)


def published(version: TariffVersion, at: datetime, why: dict[str, str] | None = None) -> int:
    """Publish it, and do what workers do then."""
    version_id = changes.publish(version=version, why=why or WHY, at=at)
    work(version_id, at)
    return version_id


def work(version_id: int, at: datetime) -> None:
    changes.spread(version_id=version_id, at=at)
    changes.note(line_ids=queries_bulk.having([version_id], after=0, limit=1000), at=at)
    changes_messages.tell(at=at)


def another_rule(version: TariffVersion, price: Price) -> TariffVersion:
    """Return the version with one more rule."""
    return replace(version, terms=replace(version.terms, prices=(*version.terms.prices, price)))


def told(number: str) -> list[dict[str, str]]:
    """Return what the number was told of prices, oldest first."""
    sent = Message.objects.filter(recipient=number, template="prices change").order_by("created_at", "id")
    return [message.params for message in sent]


def stored(version: TariffVersion) -> TariffVersion:
    """Store a version that nobody is told of, and return it with its id."""
    return catalog.tariff_version(catalog_actions.publish(version))
