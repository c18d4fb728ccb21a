"""CSV as the Russian Excel opens it by a double click: UTF-8 with a mark, semicolons, decimal commas.

The same in every language but for its words. Quantities are exact: seconds, bytes, pieces.
See docs/statement-files.md.
"""

from __future__ import annotations

import codecs
from typing import IO, Any

import polars as pl
from django.utils.translation import gettext as _

from abonent.entrypoints.portal.billing.exports.document import Document, told

# A cell that begins so would be counted by a spreadsheet as a formula; a phone number alone cannot be one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PHONE = frozenset("+0123456789-() ")
TEXTS = ("harmless", "place", "package")
_FORM: dict[str, Any] = {"separator": ";", "line_terminator": "\r\n", "quote_style": "necessary"}


def write(document: Document, file: IO[bytes]) -> None:
    """Write the columns' names and a line per entry."""
    file.write(codecs.BOM_UTF8)
    pl.DataFrame(schema=dict.fromkeys(document.columns, pl.String)).write_csv(file, **_FORM)
    units = {"voice": _("s"), "data": _("B")}
    pieces = _("pcs")
    for rows in document.frames:
        rows = told(rows, "harmless", ["party"], harmless)
        rows = told(rows, "unit", ["kind"], lambda kind: units.get(kind, pieces))
        rows = told(rows, "sum", ["amount_minor"], roubles)
        # A text of no letters would stand there as two quotes; what is missing stands there as nothing.
        rows = rows.with_columns(pl.when(pl.col(name) != "").then(name).alias(name) for name in TEXTS)
        rows.select("at", "what", "harmless", "quantity", "unit", "place", "package", "sum").write_csv(
            file, include_header=False, datetime_format="%Y-%m-%d %H:%M:%S", **_FORM
        )


def harmless(text: str) -> str:
    """Return the text, with an apostrophe in front when a spreadsheet would take it for a formula."""
    if text.startswith(_FORMULA) and not (text[0] == "+" and len(text) > 1 and _PHONE.issuperset(text)):
        return f"'{text}"
    return text


def roubles(minor: int) -> str:
    """Return `-12,50` of minor units."""
    whole, fraction = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole},{fraction:02}"
