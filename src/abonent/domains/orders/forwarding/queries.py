"""Reads of forwarding, and of what stands beside it on the page of calls; values, not models."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers import shelves as offers_shelves
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.catalog.rules import HOME, Price
from abonent.domains.lines import queries_calls
from abonent.domains.lines.network.rules import CONDITIONS
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.queries import Line
from abonent.domains.lines.queries_calls import Forwarding, Sim
from abonent.domains.orders import models, queries
from abonent.domains.orders.forwarding import rules
from abonent.domains.orders.forwarding.rules import OPEN, Facts, State, Why
from abonent.domains.usage import queries as usage
from abonent.foundation.values import Msisdn


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was asked for; see the table of the same name."""

    id: UUID
    line_id: int
    condition: str
    target: str
    state: State
    placed_at: datetime
    effective_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Forwarding under one condition: where calls go, None: here; `coming` is what is on its way."""

    condition: str
    forwarding: Forwarding | None
    coming: Change | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything of a line's calls: forwarding, the SIM, when it was used last, services that have to do with them.

    `connected` are the codes of those that the line has.
    """

    standings: tuple[Standing, ...]
    sim: Sim | None
    last_use: datetime | None
    services: tuple[OfferVersion, ...]
    connected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """What calls going to a number mean, or why they cannot: what a call costs, and whether it waits to be stopped."""

    refusal: Why | None
    standing: Standing
    price: Price | None
    waits: bool


def overview(line: Line, at: datetime) -> Overview:
    """Return the page of a mobile line's calls."""
    related = offers_shelves.with_features(
        day=queries.local_day(at), service=line.service, features=rules.RELATED
    )  # fmt: skip
    return Overview(
        standings=tuple(standings(line.id)),
        sim=queries_calls.sim_of(line.id),
        last_use=usage.last_use(line.id),
        services=tuple(related),
        connected=frozenset(one.offer_code for one in products_queries.of_line(line.id)),
    )


def standings(line_id: int, conditions: Collection[str] = CONDITIONS) -> list[Standing]:
    """Return how forwarding of the line stands, by condition."""
    now = queries_calls.forwardings(line_id)
    coming = {row.condition: value_of(row) for row in _open(line_id)}
    return [Standing(condition, now.get(condition), coming.get(condition)) for condition in conditions]


def question(line: Line, condition: str, target: Msisdn | None) -> Question:
    """Return what it means that calls go to `target` under that condition, None: that they come here again."""
    standing = standings(line.id, [condition])[0]
    facts = Facts(
        number=line.number,
        service=line.service,
        network=provisioning_network.is_there(),
        bars=line.bars,
        coming=standing.coming is not None,
        now=standing.forwarding.target if standing.forwarding else "",
    )
    refusal = rules.refused(facts, target, settings.NUMBER_REGION)
    if refusal is not None or target is None:
        return Question(refusal, standing, None, waits=False)
    waits = not usage.has_called(line_id=line.id, number=target.e164)
    return Question(None, standing, _price(line, target), waits)


def value_of(row: models.ForwardingChange) -> Change:
    """Return the value of a row."""
    return Change(
        row.id, row.line_id, row.condition, row.target, State(row.state), row.placed_at, row.effective_at, row.reason
    )


def _open(line_id: int) -> list[models.ForwardingChange]:
    return list(models.ForwardingChange.objects.filter(line_id=line_id, state__in=OPEN))


def _price(line: Line, target: Msisdn) -> Price:
    """Return what a call costs that goes on to the number: it is a call from the line to there."""
    destination = catalog.geography().destination_of("voice", target.e164)
    return catalog.tariff_version(line.tariff_version_id).terms.price("voice", "out", destination, HOME)
