"""What all files of a statement say: the heading, the totals, the columns, and an entry as a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonent.domains.billing.statement import Statement
from abonent.domains.billing.statement_rules import Entry
from abonent.entrypoints.portal.billing import statement_words as words
from abonent.entrypoints.portal.billing.statement_page import period
from abonent.web import format as formats

# How many different parties, zones and the like are remembered while a file is written.
REMEMBERED = 20_000


class Row(NamedTuple):
    """An entry as files show it; `at` is local, `quantity` is seconds, bytes or pieces."""

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
    """A statement in the words of a language; `rows` is a stream, oldest first.

    The rest of it is asked for before the rows are read, or not at all.
    """

    statement: Statement
    zone: ZoneInfo
    made_at: datetime
    rows: Iterable[Row]

    @property
    def title(self) -> str:
        return _("Statement of a number")

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
            (_("Number"), formats.phone(self.statement.line.number)),
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
    """Put a statement into the words of the language now spoken."""
    return Document(statement, zone, made_at, map(row_maker(statement, zone), statement.entries))


def row_maker(statement: Statement, zone: ZoneInfo) -> Callable[[Entry], Row]:
    """Return what makes a row of an entry; words that come again are made once."""
    titles, names, included = words.titles(), statement.names, _("In package")
    place = lru_cache(REMEMBERED)(lambda code: words.place(code, names))

    @lru_cache(REMEMBERED)
    def party(kind: str, peer: str, detail: str, version: int | None) -> str:
        # Plain blanks: people search in files with the ones on their keyboards.
        return words.named(kind, peer, detail, version, names).replace(formats.NBSP, " ")

    def row(entry: Entry) -> Row:
        at, _, kind, direction, peer, quantity, code, amount, covered, _, version, detail, _, _ = entry
        return Row(
            at.astimezone(zone),
            titles[kind, direction],
            party(kind, peer, detail, version if kind == "fee" else None),
            kind,
            quantity,
            place(code),
            included if covered else "",
            amount,
        )

    return row


def _filters(statement: Statement) -> str:
    names, filters = words.types(), statement.filters
    chosen = [name for type_, name in names.items() if type_ in filters.types]
    return "; ".join([", ".join(chosen)] * bool(chosen) + [" / ".join(filters.needles)] * bool(filters.needles))
