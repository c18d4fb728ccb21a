"""XLSX: times, lengths, sizes and sums are numbers that a spreadsheet can count with; all words are plain text."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from abonent.entrypoints.portal.billing.exports.document import Document
from abonent.web.format import MEGABYTE

DAY_S = 24 * 60 * 60
_WIDTHS = (19, 24, 28, 12, 8, 18, 12, 12)


def write(document: Document, file: IO[bytes]) -> None:
    """Write the heading with the totals, the columns' names and a row per entry, row by row onto the disk."""
    # Slow to load: no page has to wait for it.
    import xlsxwriter

    with tempfile.TemporaryDirectory(prefix="statement-") as folder:
        options = {
            "constant_memory": True,
            "tmpdir": str(Path(folder)),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_date_format": "dd.mm.yyyy hh:mm:ss",
        }
        book = xlsxwriter.Workbook(file, options)
        book.set_properties({"title": document.title})
        sheet = book.add_worksheet(document.title[:31])
        bold = book.add_format({"bold": True})
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        line = _heading(document, sheet, bold)
        _entries(document, book, sheet, line)
        book.close()


def _heading(document: Document, sheet: Any, bold: Any) -> int:
    """Write what stands above the entries and return the line of the first entry."""
    line = 0
    sheet.write_string(line, 0, document.title, bold)
    for name, value in document.facts:
        line += 1
        sheet.write_string(line, 0, name)
        sheet.write_string(line, 1, value)
    for name, count, total in document.by_type:
        line += 1
        sheet.write_string(line, 0, name)
        sheet.write_string(line, 1, count)
        sheet.write_string(line, 2, total)
    line += 2
    for column, name in enumerate(document.columns):
        sheet.write_string(line, column, name, bold)
    sheet.freeze_panes(line + 1, 0)
    if document.count:
        sheet.autofilter(line, 0, line + document.count, len(document.columns) - 1)
    return line + 1


def _entries(document: Document, book: Any, sheet: Any, line: int) -> None:
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
    length = book.add_format({"num_format": "[h]:mm:ss"})
    size = book.add_format({"num_format": "#,##0.00"})
    money = book.add_format({"num_format": "#,##0.00"})
    hours, megabytes, pieces = _("h:mm:ss"), _("MB"), _("pcs")
    for at, what, party, kind, quantity, place, package, amount in document.rows:
        sheet.write_datetime(line, 0, at, moment)
        sheet.write_string(line, 1, what)
        sheet.write_string(line, 2, party)
        if kind == "voice":
            sheet.write_number(line, 3, quantity / DAY_S, length)
            sheet.write_string(line, 4, hours)
        elif kind == "data":
            sheet.write_number(line, 3, quantity / MEGABYTE, size)
            sheet.write_string(line, 4, megabytes)
        else:
            sheet.write_number(line, 3, quantity)
            sheet.write_string(line, 4, pieces)
        if place:
            sheet.write_string(line, 5, place)
        if package:
            sheet.write_string(line, 6, package)
        sheet.write_number(line, 7, amount / 100, money)
        line += 1
