"""The payments as PDF, drawn as the statement's."""

from __future__ import annotations

from typing import IO

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from abonent.entrypoints.portal.billing.exports.payments_document import Document, Row
from abonent.entrypoints.portal.billing.exports.pdf_file import (
    BOLD,
    BOTTOM,
    GAP,
    INK,
    LEFT,
    LINE,
    MM,
    QUIET,
    REGULAR,
    RIGHT,
    SIZE,
    TOP,
    fitting,
    register_fonts,
)
from abonent.web import format as formats

# Left edges of the columns; sums stand at the right edge.
COLUMNS = (LEFT, LEFT + 34 * MM, LEFT + 64 * MM, LEFT + 138 * MM, RIGHT)
ROUBLE = f"{formats.NBSP}{formats.CURRENCY}"


def write(document: Document, file: IO[bytes]) -> None:
    """Draw the heading on the first page, and the payments in a table on this and all others."""
    register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, lang=get_language() or "ru")
    canvas.setTitle(document.title)
    fits = int((TOP - 2 * LINE - BOTTOM) // LINE)
    first = fits - 3 - len(document.facts)
    rows = document.rows
    parts = [rows[:first], *(rows[at : at + fits] for at in range(first, len(rows), fits))]
    for page, part in enumerate(parts, start=1):
        y = _begin(canvas, document, page, len(parts))
        if page == 1:
            y = _heading(canvas, document, y)
        y = _columns(canvas, document, y)
        for row in part:
            _entry(canvas, row, y)
            y -= LINE
        canvas.showPage()
    canvas.save()


def _begin(canvas: Canvas, document: Document, page: int, pages: int) -> float:
    canvas.setFont(REGULAR, 7)
    canvas.setFillColorRGB(*QUIET)
    canvas.drawString(LEFT, BOTTOM - LINE, f"{document.title} · {dict(document.facts)[_('Number')]}")
    canvas.drawRightString(RIGHT, BOTTOM - LINE, _("Page %(page)s of %(pages)s") % {"page": page, "pages": pages})
    canvas.setFillColorRGB(*INK)
    return TOP


def _heading(canvas: Canvas, document: Document, y: float) -> float:
    canvas.setFont(BOLD, 14)
    canvas.drawString(LEFT, y, document.title)
    y -= 2 * LINE
    for name, value in document.facts:
        canvas.setFont(REGULAR, SIZE)
        canvas.drawString(LEFT, y, name)
        canvas.setFont(BOLD, SIZE)
        fitting(canvas, COLUMNS[1], y, value, RIGHT - COLUMNS[1], BOLD)
        y -= LINE
    return y - LINE


def _columns(canvas: Canvas, document: Document, y: float) -> float:
    canvas.setFont(BOLD, SIZE)
    for x, name in zip(COLUMNS[:-1], document.columns, strict=False):
        canvas.drawString(x, y, name)
    canvas.drawRightString(RIGHT, y, document.columns[-1])
    canvas.setLineWidth(0.5)
    canvas.setStrokeColorRGB(*QUIET)
    canvas.line(LEFT, y - 0.3 * LINE, RIGHT, y - 0.3 * LINE)
    canvas.setFont(REGULAR, SIZE)
    return y - 1.2 * LINE


def _entry(canvas: Canvas, row: Row, y: float) -> None:
    canvas.drawString(COLUMNS[0], y, f"{row.at:%d.%m.%Y %H:%M:%S}")
    for place, text in enumerate((row.what, row.how, row.operation), start=1):
        if text:
            fitting(canvas, COLUMNS[place], y, text, COLUMNS[place + 1] - COLUMNS[place] - GAP)
    canvas.drawRightString(RIGHT, y, formats.money(row.amount_minor).removesuffix(ROUBLE))
