"""What all files of a statement say: the heading, the totals, the columns, and an entry as a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonent.domains.billing.statement.reading import Names, Statement
from abonent.domains.billing.statement.stream import Stream
from abonent.entrypoints.portal.billing import statement_words as words
from abonent.entrypoints.portal.billing.statement_page import period
from abonent.web import format as formats
from abonent.web.words import line_label

# How many different parties, zones and the like are remembered while a file is written.
REMEMBERED = 20_000


class Row(NamedTuple):
    """An entry as files show it; `at` is local and says no zone, `quantity` is seconds, bytes or pieces."""

    at: datetime
    what: str
    party: str
    kind: str
    quantity: int
    place: str
    package: str
    amount_minor: int


@dataclass(frozen=True)
class Document:
    """A statement in the words of a language; `frames` is a stream of rows (columns of `Row`), oldest first.

    The rest of it is asked for before the rows are read, or not at all.
    """

    statement: Statement
    zone: ZoneInfo
    made_at: datetime
    frames: Iterable[pl.DataFrame]

    @property
    def rows(self) -> Iterator[Row]:
        """The frames' rows by themselves."""
        for frame in self.frames:
            yield from map(Row._make, frame.iter_rows())

    @property
    def title(self) -> str:
        return _("Statement")

    @property
    def count(self) -> int:
        return self.statement.totals.count

    @property
    def columns(self) -> tuple[str, ...]:
        return (
            _("Date and time"),
            _("What"),
            _("Number or name"),
            _("How much"),
            _("Unit"),
            _("Roaming"),
            _("Package"),
            _("Sum, ₽"),
        )

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """What stands above the entries: names with values."""
        totals = self.statement.totals
        language = get_language() or settings.LANGUAGE_CODE
        facts = [
            (_("Operator"), settings.OPERATOR_NAME.get(language) or settings.OPERATOR_NAME[settings.LANGUAGE_CODE]),
            (line_label(self.statement.line.number), formats.phone(self.statement.line.number)),
            (_("Period"), period(self.statement.filters)),
            (_("Filters"), _filters(self.statement)),
            (_("Entries"), formats.number(totals.count)),
            (_("Charged"), formats.money(totals.charged_minor)),
            (_("Paid in"), formats.money(totals.paid_minor)),
            (_("Made on"), f"{self.made_at.astimezone(self.zone):%d.%m.%Y %H:%M}"),
        ]
        return [fact for fact in facts if fact[1]]

    @cached_property
    def by_type(self) -> list[tuple[str, str, str]]:
        """The totals by type: name, number, sum."""
        names = words.types()
        return [
            (names[total.type], formats.number(total.count), formats.money(total.amount_minor, sign=True))
            for total in self.statement.totals.by_type
        ]


def document(statement: Statement, *, zone: ZoneInfo, made_at: datetime) -> Document:
    """Put a whole statement into the words of the language now spoken."""
    if not isinstance(statement.entries, Stream):
        raise TypeError("a file holds the whole statement, not a page of it")
    return Document(statement, zone, made_at, map(_wording(statement.names, zone), statement.entries.frames))


def told(frame: pl.DataFrame, name: str, by: Sequence[str], tell: Callable[..., str]) -> pl.DataFrame:
    """Add a column `name`: what `tell` says of the columns `by`, asked once for what comes again."""
    known = frame.select(by).unique()
    texts = pl.Series(name, [tell(*row) for row in known.iter_rows()], pl.String)
    return frame.join(known.with_columns(texts), on=by, how="left", nulls_equal=True, maintain_order="left")


def _wording(names: Names, zone: ZoneInfo) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return what makes rows (the columns of `Row`) of entries (`ENTRIES`)."""
    titles, included = words.titles(), _("In the package")

    def title(kind: str, direction: str) -> str:
        return titles[kind, direction]

    @lru_cache(REMEMBERED)
    def party(kind: str, peer: str, detail: str, version: int | None) -> str:
        # Plain blanks: people search in files with the ones on their keyboards.
        return words.named(kind, peer, detail, version, names).replace(formats.NBSP, " ")

    def place(code: str) -> str:
        return words.place(code, names)

    def rows(entries: pl.DataFrame) -> pl.DataFrame:
        entries = told(entries, "what", ["kind", "direction"], title)
        entries = told(entries, "party", ["kind", "peer", "detail", "tariff_version_id"], party)
        return told(entries, "place", ["zone"], place).select(
            pl.col("at").dt.convert_time_zone(zone.key).dt.replace_time_zone(None),
            "what",
            "party",
            "kind",
            "quantity",
            "place",
            pl.when("included").then(pl.lit(included)).otherwise(pl.lit("")).alias("package"),
            "amount_minor",
        )

    return rows


def _filters(statement: Statement) -> str:
    names, filters = words.types(), statement.filters
    chosen = [name for type_, name in names.items() if type_ in filters.types]
    return "; ".join([", ".join(chosen)] * bool(chosen) + [" / ".join(filters.needles)] * bool(filters.needles))
