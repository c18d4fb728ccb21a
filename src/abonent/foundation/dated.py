"""Terms in their tables: each is published for a local day, holds until the next ones, and is never edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Generic

from django.db import models

from abonent.foundation.values.terms import Dated, T


class DatedTerms(Generic[T]):
    """A table with `valid_from` and `terms`, which `read` reads; `part` is the column of what they are for, if any."""

    def __init__(self, rows: type[models.Model], read: Callable[[Mapping[str, Any]], T], part: str = "") -> None:
        self._rows, self._read, self._part = rows, read, part

    def publish(self, *, valid_from: date, terms: T, of: str = "") -> int:
        """Store terms that hold from a day on and return their id; the same again changes nothing.

        Raises `ValueError` when that day has other terms already.
        """
        row, is_new = self._rows._default_manager.get_or_create(
            valid_from=valid_from, **self._of(of), defaults={"terms": terms.to_json()}
        )
        if not is_new and self.value(row).terms != terms:
            raise ValueError(f"other terms hold from {valid_from} on already; publish from another day on")
        return int(row.pk)

    def in_force(self, day: date, of: str = "", *, lock: bool = False) -> Dated[T] | None:
        """Return the terms of a day; `lock` has others who ask so wait."""
        rows = self._rows._default_manager.filter(valid_from__lte=day, **self._of(of)).order_by("-valid_from")
        row = (rows.select_for_update() if lock else rows).first()
        return self.value(row) if row else None

    def every(self) -> list[Dated[T]]:
        """Return all that were ever published, by what they are for and the day they hold from."""
        order = [self._part, "valid_from"] if self._part else ["valid_from"]
        return [self.value(row) for row in self._rows._default_manager.order_by(*order)]

    def value(self, row: Any) -> Dated[T]:
        """Return what a row of the table says."""
        return Dated(row.valid_from, self._read(row.terms), row.pk, getattr(row, self._part) if self._part else "")

    def _of(self, of: str) -> dict[str, str]:
        return {self._part: of} if self._part else {}
