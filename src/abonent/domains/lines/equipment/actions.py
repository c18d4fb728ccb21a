"""What a line is used with: handed out, taken back; and where the line ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from abonent.domains.lines import models
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.lines.equipment import rules
from abonent.domains.lines.equipment.rules import Kind, No, Offer, Terms
from abonent.foundation.values.terms import InvalidTerms

CODE_LENGTH_MAX = 40


class NotPossible(Exception):
    """It is not taken back or exchanged; nothing has changed."""

    def __init__(self, why: No) -> None:
        super().__init__(why)
        self.why = why


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

    Raises `equipment.rules.InvalidTerms`, `equipment.rules.InvalidSerial`, `Elsewhere`.
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


@transaction.atomic
def give_back(*, device_id: int, line_id: int, day: date) -> None:
    """Take a thing of the line back in the shop or at home. Raises `NotPossible`, `LookupError`."""
    row = _locked(device_id, line_id)
    why = rules.no_return(Kind(row.kind), Terms.from_json(row.terms), row.until)
    if why is not None:
        raise NotPossible(why)
    take_back(device_id=device_id, day=day)


@transaction.atomic
def exchange(*, device_id: int, line_id: int, serial: str, day: date) -> str:
    """Put another piece in the place of a broken one and return the serial number that was there.

    What is paid, and until when the warranty goes, stays as it is: the customer has one thing, as before.
    Raises `NotPossible`, `equipment.rules.InvalidSerial`, `Elsewhere`, `LookupError`; then nothing has changed.
    """
    row = _locked(device_id, line_id)
    kind, before = Kind(row.kind), row.serial
    why = rules.no_exchange(kind, Terms.from_json(row.terms), row.until, row.warranty_until, day)
    if why is not None:
        raise NotPossible(why)
    kept = rules.serial_of(kind, serial)
    if models.Device.objects.filter(kind=kind, serial=kept, until=None).exists():
        # The broken piece itself is no other one.
        raise Elsewhere(kept)
    row.serial = kept
    try:
        with transaction.atomic():
            row.save(update_fields=["serial"])
    except IntegrityError:
        raise Elsewhere(kept) from None
    return before


def publish(*, code: str, valid_from: date, offer: Offer) -> None:
    """Store what is handed out under a code from a local day on; the same again changes nothing.

    Raises `InvalidTerms`, and `ValueError` when that day already has something else of the code.
    """
    rules.check_offer(offer)
    if not 0 < len(code) <= CODE_LENGTH_MAX:
        raise InvalidTerms(f"a code has {CODE_LENGTH_MAX} characters at most")
    equipment_queries.OFFERS.publish(valid_from=valid_from, terms=offer, of=code)


def _locked(device_id: int, line_id: int) -> models.Device:
    row = models.Device.objects.select_for_update().filter(id=device_id, line_id=line_id).first()
    if row is None:
        raise LookupError(device_id)
    return row


def place(*, line_id: int, district: str, address: str) -> None:
    """Write down where the line ends."""
    models.Premises.objects.update_or_create(line_id=line_id, defaults={"district": district, "address": address})
