"""What lines are used with, and where they end; values, not models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from abonent.domains.lines import models
from abonent.domains.lines.equipment import rules
from abonent.domains.lines.equipment.rules import Kind, Offer, Plan, Terms
from abonent.foundation.dated import DatedTerms
from abonent.foundation.values.terms import Dated

# Of a code each.
OFFERS = DatedTerms(models.DeviceModel, Offer.from_json, part="code")


@dataclass(frozen=True, slots=True)
class Device:
    """A thing with a line; see the table of the same name."""

    id: int
    line_id: int
    kind: Kind
    model: str
    serial: str
    terms: Terms
    since: date
    until: date | None
    warranty_until: date | None

    def plan(self, today: date) -> Plan:
        """Return how the paying stands."""
        return rules.plan(self.terms, self.since, self.until, today)


@dataclass(frozen=True, slots=True)
class Premises:
    """Where a line ends."""

    district: str
    address: str


def offers_on(day: date) -> list[Dated[Offer]]:
    """Return what is handed out on a local day, in the order of codes."""
    newest = {one.of: one for one in OFFERS.every() if one.valid_from <= day}
    return [one for one in newest.values() if one.terms.ways]


def one(device_id: int, line_id: int) -> Device:
    """Return a thing of the line; raise `LookupError`."""
    row = models.Device.objects.filter(id=device_id, line_id=line_id).first()
    if row is None:
        raise LookupError(device_id)
    return _value(row)


def of_line(line_id: int) -> list[Device]:
    """Return what the line has now, and what came back while its price is still paid."""
    rows = models.Device.objects.filter(line_id=line_id).order_by("since", "id")
    found = [_value(row) for row in rows]
    return [one for one in found if one.until is None or one.terms.held == "instalments"]


def of_lines(line_ids: Sequence[int]) -> list[Device]:
    """Return the things of several lines for which something is to be paid."""
    rows = models.Device.objects.filter(line_id__in=line_ids).exclude(terms__held="own").order_by("since", "id")
    return [_value(row) for row in rows]


def paid_for(today: date, after: int, limit: int) -> Sequence[Device]:
    """Return at most `limit` things with an id above `after` for which something is, or was, to be paid."""
    rows = models.Device.objects.filter(since__lte=today, id__gt=after).exclude(terms__held="own")
    return [_value(row) for row in rows.order_by("id")[:limit]]


def card_of(line_id: int) -> str:
    """Return the number of the line's smart card; empty: it has none."""
    rows = models.Device.objects.filter(line_id=line_id, kind=Kind.CARD, until=None).order_by("-since", "-id")
    return rows.values_list("serial", flat=True).first() or ""


def contract_with_card(card: str) -> int | None:
    """Return the contract whose served line has the smart card with those digits, in one query."""
    rows = models.Device.objects.filter(kind=Kind.CARD, serial=card, until=None, line__closed_at=None)
    return rows.values_list("line__contract_id", flat=True).first()


def premises_of(line_id: int) -> Premises | None:
    """Return where the line ends; None: that is not known here."""
    row = models.Premises.objects.filter(line_id=line_id).first()
    return Premises(row.district, row.address) if row else None


def _value(row: models.Device) -> Device:
    return Device(
        row.pk, row.line_id, Kind(row.kind), row.model, row.serial, Terms.from_json(row.terms), row.since, row.until,
        row.warranty_until,
    )  # fmt: skip
