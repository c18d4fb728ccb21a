"""CSV as the Russian Excel opens it by a double click: UTF-8 with a mark, semicolons, decimal commas.

The same in every language but for its words. Quantities are exact: seconds, bytes, pieces.
See docs/statement-files.md.
"""

from __future__ import annotations

import codecs
import csv
import io
from functools import lru_cache
from typing import IO

from django.utils.translation import gettext as _

from abonent.entrypoints.portal.billing.exports.document import Document

# A cell that begins so would be counted by a spreadsheet as a formula; a phone number alone cannot be one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PHONE = frozenset("+0123456789-() ")
_REMEMBERED = 20_000


def write(document: Document, file: IO[bytes]) -> None:
    """Write the columns' names and a line per entry."""
    file.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(file, "utf-8", newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(document.columns)
    units = {"voice": _("s"), "data": _("B")}
    pieces = _("pcs")
    writer.writerows(
        (
            at.isoformat(" ")[:19],
            what,
            harmless(party),
            quantity,
            units.get(kind, pieces),
            place,
            package,
            roubles(amount),
        )
        for at, what, party, kind, quantity, place, package, amount in document.rows
    )
    text.detach()


@lru_cache(_REMEMBERED)
def harmless(text: str) -> str:
    """Return the text, with an apostrophe in front when a spreadsheet would take it for a formula."""
    if text.startswith(_FORMULA) and not (text[0] == "+" and len(text) > 1 and _PHONE.issuperset(text)):
        return f"'{text}"
    return text


@lru_cache(_REMEMBERED)
def roubles(minor: int) -> str:
    """Return `-12,50` of minor units."""
    whole, fraction = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole},{fraction:02}"
