"""The history of payments as a file: PDF, XLSX, CSV, each with the payments and sums that the page shows."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Callable
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from abonent.domains.billing.queries_history import Page
from abonent.domains.billing.rules_history import Filters
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.billing.exports import IN_MEMORY_MAX, Written, payments_pdf
from abonent.entrypoints.portal.billing.exports.csv_file import harmless, roubles
from abonent.entrypoints.portal.billing.exports.payments_document import Document, document

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write(page: Page, filters: Filters, line: Line, extension: str, *, zone: ZoneInfo, made_at: datetime) -> Written:
    """Write the payments as `csv`, `xlsx` or `pdf`."""
    content_type, writer = _WRITERS[extension]
    file = tempfile.SpooledTemporaryFile(IN_MEMORY_MAX)  # noqa: SIM115 - whoever sends it closes it
    writer(document(page, filters, line, zone=zone, made_at=made_at), file)
    file.seek(0)
    number = line.number.removeprefix("+")
    return Written(file, f"{_('Payments')} {number} {made_at.astimezone(zone):%Y-%m-%d}.{extension}", content_type)


def _csv(document: Document, file: IO[bytes]) -> None:
    """Write as the statement's CSV: UTF-8 with a mark, semicolons, decimal commas; see docs/statement-files.md."""
    file.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
    lines.writerow(document.columns)
    for row in document.rows:
        at = f"{row.at:%Y-%m-%d %H:%M:%S}"
        lines.writerow([at, harmless(row.what), harmless(row.how), row.operation, roubles(row.amount_minor)])
    text.detach()


def _xlsx(document: Document, file: IO[bytes]) -> None:
    """Write times and sums as numbers that a spreadsheet can count with; all words are plain text."""
    # Slow to load: no page has to wait for it.
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"title": document.title})
    sheet = book.add_worksheet(document.title[:31])
    bold = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
    money = book.add_format({"num_format": "#,##0.00"})
    for column, width in enumerate((19, 30, 40, 18, 12)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, document.title, bold)
    line = 1
    for name, value in document.facts:
        sheet.write_string(line, 0, name)
        sheet.write_string(line, 1, value)
        line += 1
    line += 1
    for column, name in enumerate(document.columns):
        sheet.write_string(line, column, name, bold)
    sheet.freeze_panes(line + 1, 0)
    for row in document.rows:
        line += 1
        sheet.write_datetime(line, 0, row.at, moment)
        sheet.write_string(line, 1, row.what)
        sheet.write_string(line, 2, row.how)
        sheet.write_string(line, 3, row.operation)
        sheet.write_number(line, 4, row.amount_minor / 100, money)
    book.close()


_WRITERS: dict[str, tuple[str, Callable[[Document, IO[bytes]], None]]] = {
    "csv": (CSV_TYPE, _csv),
    "xlsx": (XLSX_TYPE, _xlsx),
    "pdf": ("application/pdf", payments_pdf.write),
}
