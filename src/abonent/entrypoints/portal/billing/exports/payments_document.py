"""What all files of the payments say: the heading, the sums, the columns, and a payment as a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonent.domains.billing.queries_history import Page
from abonent.domains.billing.rules_history import WAYS, Filters
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.billing import payments_page
from abonent.entrypoints.portal.billing.receipts import operation_number
from abonent.web import format as formats
from abonent.web.words import line_label


@dataclass(frozen=True, slots=True)
class Row:
    """A payment as files show it; `at` is local and says no zone."""

    at: datetime
    what: str
    how: str
    operation: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Document:
    """The history in the words of a language: names with values above, then the rows, newest first."""

    title: str
    facts: list[tuple[str, str]]
    columns: tuple[str, ...]
    rows: list[Row]


def document(page: Page, filters: Filters, line: Line, *, zone: ZoneInfo, made_at: datetime) -> Document:
    """Put the payments into the words of the language now spoken."""
    rows = []
    for entry in page.entries:
        what, about = payments_page.words(entry)
        local = entry.at.astimezone(zone).replace(tzinfo=None)
        rows.append(Row(local, _blank(what), _blank(about), operation_number(entry.id), entry.amount_minor))
    language = get_language() or settings.LANGUAGE_CODE
    facts = [
        (_("Operator"), settings.OPERATOR_NAME.get(language) or settings.OPERATOR_NAME[settings.LANGUAGE_CODE]),
        (line_label(line.number), formats.phone(line.number)),
        (_("Filters"), _filters(filters)),
        (_("Payments"), formats.number(page.totals.count)),
        (_("Paid in"), formats.money(page.totals.paid_minor)),
        (_("For other numbers"), formats.money(page.totals.for_others_minor) if page.totals.for_others_minor else ""),
        (_("Made on"), f"{made_at.astimezone(zone):%d.%m.%Y %H:%M}"),
    ]
    columns = (_("Date and time"), _("What"), _("How"), _("Operation number"), _("Sum, ₽"))
    return Document(_("Payments"), [fact for fact in facts if fact[1]], columns, rows)


def _filters(filters: Filters) -> str:
    named = [payments_page.WAY_NAMES[way]() for way in WAYS if way in filters.ways]
    days = [f"{day:%d.%m.%Y}" if day else "…" for day in (filters.first, filters.last)]
    parts = [", ".join(named), filters.search, " – ".join(days) if filters.first or filters.last else ""]
    return "; ".join(part for part in parts if part)


def _blank(text: str) -> str:
    """Return the text with plain blanks: people search in files with the ones on their keyboards."""
    return text.replace(formats.NBSP, " ")
