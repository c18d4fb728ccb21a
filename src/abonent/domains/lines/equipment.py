"""What a line is used with: handed out, taken back; and where the line ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from abonent.domains.lines import equipment_rules as rules
from abonent.domains.lines import models
from abonent.domains.lines.equipment_rules import Kind, Terms


class Elsewhere(Exception):
    """A thing with this number is with another line; nothing was written down."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A thing that a line gets on the local day `since`, on what terms, with how long a warranty."""

    line_id: int
    kind: Kind
    model: str
    serial: str
    terms: Terms
    since: date
    warranty_until: date | None = None


@transaction.atomic
def hand_out(*, handed: Handed) -> int:
    """Write down that the line has the thing, and return its id; the same again changes nothing.

    Raises `equipment_rules.InvalidTerms`, `equipment_rules.InvalidSerial`, `Elsewhere`.
    """
    rules.check(handed.terms)
    serial = rules.serial_of(handed.kind, handed.serial)
    there = models.Device.objects.filter(kind=handed.kind, serial=serial, until=None).first()
    if there is not None and there.line_id != handed.line_id:
        raise Elsewhere(serial)
    if there is not None:
        return int(there.pk)
    try:
        with transaction.atomic():
            made = models.Device.objects.create(
                line_id=handed.line_id, kind=handed.kind, model=handed.model, serial=serial,
                terms=handed.terms.to_json(), since=handed.since, warranty_until=handed.warranty_until,
            )  # fmt: skip
    except IntegrityError:
        # Somebody handed it to another line at the same time.
        raise Elsewhere(serial) from None
    return int(made.pk)


@transaction.atomic
def take_back(*, device_id: int, day: date) -> None:
    """Write down that the thing came back on a local day; one that is back already stays so. Raises `LookupError`."""
    row = models.Device.objects.select_for_update().filter(id=device_id).first()
    if row is None:
        raise LookupError(device_id)
    if row.until is None:
        row.until = max(day, row.since)
        row.save(update_fields=["until"])


def place(*, line_id: int, district: str, address: str) -> None:
    """Write down where the line ends."""
    models.Premises.objects.update_or_create(line_id=line_id, defaults={"district": district, "address": address})
