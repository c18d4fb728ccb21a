"""Reads of what changed, or will, in the prices of lines; values, not models."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from abonent.domains.billing import models
from abonent.domains.billing.changes import rules as changes_rules
from abonent.domains.billing.changes.rules import Difference
from abonent.domains.billing.tariffs_rules import CHANGE_RULE
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import Price, TariffVersion
from abonent.domains.lines import queries as lines

SHOWN_FOR = timedelta(days=366)
CHARGES_SHOWN = 10


class NoSuchPrice(LookupError):
    """There is no such price, or no line of yours ever had it: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Change:
    """That a line has `new` instead of `old` from `since` on; `why` is by language, empty where its owner wished it."""

    line_id: int
    since: datetime
    old: TariffVersion
    new: TariffVersion
    differences: tuple[Difference, ...]
    why: Mapping[str, str]
    told_at: datetime | None

    @property
    def is_other_tariff(self) -> bool:
        return self.old.tariff_code != self.new.tariff_code


@dataclass(frozen=True, slots=True)
class Taken:
    """A sum that was charged by a price."""

    charge_id: UUID
    at: datetime
    amount_minor: int
    quantity: int


@dataclass(frozen=True, slots=True)
class PriceRule:
    """A price of a version, or (None) its fee, with when a line had it, why it changed, and what was charged by it."""

    line_id: int
    version: TariffVersion
    price: Price | None
    since: datetime
    until: datetime | None
    why: Mapping[str, str]
    taken: tuple[Taken, ...]


def of_lines(line_ids: Collection[int], at: datetime) -> list[Change]:
    """Return what changed within a year before `at`, and what will, the newest first; in four queries."""
    known = lines.assignments(line_ids)
    pairs = [
        (old, new) for old, new in pairwise(known) if old.line_id == new.line_id and new.valid_from > at - SHOWN_FOR
    ]
    ids = {one.tariff_version_id for pair in pairs for one in pair}
    versions, reasons = catalog.tariff_versions(ids), _reasons(ids)
    notices = {
        (row.line_id, row.since): row.told_at for row in models.PriceNotice.objects.filter(line_id__in=list(line_ids))
    }
    found = []
    for old, new in pairs:
        was, becomes = versions[old.tariff_version_id], versions[new.tariff_version_id]
        differs = changes_rules.differences(was, becomes)
        if differs or was.tariff_code != becomes.tariff_code:
            why = reasons.get(new.tariff_version_id, {}) if was.tariff_code == becomes.tariff_code else {}
            told_at = notices.get((new.line_id, new.valid_from))
            found.append(Change(new.line_id, new.valid_from, was, becomes, differs, why, told_at))
    return sorted(found, key=lambda change: (change.since, -change.line_id), reverse=True)


def price(*, line_ids: Collection[int], version_id: int, rule: str) -> PriceRule:
    """Return a price, or the fee, of a version that one of the lines has, had or will have; raise `NoSuchPrice`."""
    had = [one for one in lines.assignments(line_ids) if one.tariff_version_id == version_id]
    if not had:
        raise NoSuchPrice
    version = catalog.tariff_versions([version_id])[version_id]
    found = next((price for price in version.terms.prices if price.code == rule), None)
    if found is None and rule != changes_rules.FEE:
        raise NoSuchPrice
    newest = max(had, key=lambda one: one.valid_from)
    return PriceRule(
        newest.line_id, version, found, newest.valid_from, newest.valid_until,
        _reasons([version_id]).get(version_id, {}), _taken(newest.line_id, version_id, found),
    )  # fmt: skip


def _taken(line_id: int, version_id: int, price: Price | None) -> tuple[Taken, ...]:
    rows = models.Charge.objects.filter(line_id=line_id, tariff_version_id=version_id).exclude(amount_minor=0)
    rows = rows.filter(rule=price.code) if price else rows.filter(category="fee").exclude(rule=CHANGE_RULE)
    newest = rows.order_by("-booked_at", "-id").values_list("id", "booked_at", "amount_minor", "quantity")
    return tuple(Taken(*row) for row in newest[:CHARGES_SHOWN])


def _reasons(version_ids: Collection[int]) -> dict[int, Mapping[str, str]]:
    rows = models.PriceReason.objects.filter(tariff_version_id__in=list(version_ids))
    return dict(rows.values_list("tariff_version_id", "why"))
