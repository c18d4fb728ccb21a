"""A statement as a file: PDF, XLSX, CSV, each with exactly the entries and totals that the page shows.

A file is written whole before it is sent: a download never ends in the middle because the database did, and a slow
reader holds no transaction open. Memory stays flat whatever the number of entries.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from abonent.domains.billing.statement.reading import Statement
from abonent.entrypoints.portal.billing.exports import csv_file, pdf_file, xlsx_file
from abonent.entrypoints.portal.billing.exports.document import Document, document

_WRITERS: dict[str, tuple[str, Callable[[Document, IO[bytes]], None]]] = {
    "csv": ("text/csv; charset=utf-8", csv_file.write),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_file.write),
    "pdf": ("application/pdf", pdf_file.write),
}
IN_MEMORY_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """A file, at its beginning, and how to send it; it is gone when closed."""

    file: IO[bytes]
    name: str
    content_type: str


def write(statement: Statement, extension: str, *, zone: ZoneInfo, made_at: datetime) -> Written:
    """Write the statement as `csv`, `xlsx` or `pdf`."""
    content_type, writer = _WRITERS[extension]
    file = tempfile.SpooledTemporaryFile(IN_MEMORY_MAX)  # noqa: SIM115 - whoever sends it closes it
    writer(document(statement, zone=zone, made_at=made_at), file)
    file.seek(0)
    filters = statement.filters
    number = statement.line.number.removeprefix("+")
    return Written(file, f"{_('Statement')} {number} {filters.first} {filters.last}.{extension}", content_type)
