"""PDF, drawn straight onto A4 pages: an engine that lays out paragraphs takes many times the time and memory."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import IO, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import abonent.web
from abonent.entrypoints.portal.billing import statement_words as words
from abonent.entrypoints.portal.billing.exports.document import Document, Row
from abonent.web import format as formats

FONTS = Path(abonent.web.__file__).parent / "fonts"
REGULAR, BOLD = "Golos", "Golos-Bold"
WIDTH, HEIGHT = map(float, A4)
MM = float(mm)
LEFT, RIGHT, TOP, BOTTOM = 12 * MM, WIDTH - 12 * MM, HEIGHT - 14 * MM, 14 * MM
SIZE, LINE = 8, 5 * MM
GAP = 2 * MM
# Left edges of the columns; sums stand at the right edge.
COLUMNS = (LEFT, LEFT + 31 * MM, LEFT + 73 * MM, LEFT + 120 * MM, LEFT + 142 * MM, RIGHT)
INK, QUIET, HAIR = (0.08, 0.13, 0.12), (0.32, 0.38, 0.37), (0.9, 0.89, 0.85)


def write(document: Document, file: IO[bytes]) -> None:
    """Draw the heading with the totals on the first page, and the entries in a table on this and all others."""
    register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, lang=get_language() or "ru")
    canvas.setTitle(document.title)
    head = _heading_lines(document)
    fits = _lines_on_a_page()
    first = fits - head
    pages = 1 + max(0, -(-(document.count - first) // fits))
    page, free = 1, first
    y = _begin(canvas, document, page, pages)
    y = _heading(canvas, document, y)
    y = _columns(canvas, document, y)
    for row in document.rows:
        if not free:
            canvas.showPage()
            page, free = page + 1, fits
            y = _columns(canvas, document, _begin(canvas, document, page, pages))
        _entry(canvas, row, y)
        y -= LINE
        free -= 1
    canvas.save()


@cache
def register_fonts() -> None:
    """Let pages be drawn with our fonts."""
    pdfmetrics.registerFont(TTFont(REGULAR, str(FONTS / "golos-regular.ttf")))
    pdfmetrics.registerFont(TTFont(BOLD, str(FONTS / "golos-semibold.ttf")))


def _lines_on_a_page() -> int:
    """Return how many entries fit below the running head and the columns' names."""
    return int((TOP - 2 * LINE - BOTTOM) // LINE)


def _heading_lines(document: Document) -> int:
    return 3 + len(document.facts) + len(document.by_type)


def _begin(canvas: Canvas, document: Document, page: int, pages: int) -> float:
    """Draw what every page says at its foot, and return where the rest begins."""
    canvas.setFont(REGULAR, 7)
    canvas.setFillColorRGB(*QUIET)
    named = dict(document.facts)
    canvas.drawString(LEFT, BOTTOM - LINE, f"{document.title} · {named[_('Number')]} · {named[_('Period')]}")
    canvas.drawRightString(RIGHT, BOTTOM - LINE, _("Page %(page)s of %(pages)s") % {"page": page, "pages": pages})
    canvas.setFillColorRGB(*INK)
    return TOP


def _heading(canvas: Canvas, document: Document, y: float) -> float:
    """Draw the title, the facts and the totals; they take `_heading_lines`."""
    canvas.setFont(BOLD, 14)
    canvas.drawString(LEFT, y, document.title)
    y -= 2 * LINE
    for name, value in document.facts:
        canvas.setFont(REGULAR, SIZE)
        canvas.drawString(LEFT, y, name)
        canvas.setFont(BOLD, SIZE)
        fitting(canvas, COLUMNS[1], y, value, RIGHT - COLUMNS[1], BOLD)
        y -= LINE
    canvas.setFont(REGULAR, SIZE)
    for name, count, total in document.by_type:
        canvas.drawString(COLUMNS[1], y, name)
        canvas.drawRightString(COLUMNS[3] - GAP, y, count)
        canvas.drawRightString(RIGHT, y, total)
        y -= LINE
    return y - LINE


def _columns(canvas: Canvas, document: Document, y: float) -> float:
    when, what, party, much, _unit, place, _package, total = document.columns
    canvas.setFont(BOLD, SIZE)
    for x, name in zip(COLUMNS, (when, what, party, much, place), strict=False):
        canvas.drawString(x, y, name)
    canvas.drawRightString(RIGHT, y, total)
    canvas.setLineWidth(0.5)
    canvas.setStrokeColorRGB(*QUIET)
    canvas.line(LEFT, y - 0.3 * LINE, RIGHT, y - 0.3 * LINE)
    canvas.setStrokeColorRGB(*HAIR)
    canvas.setFont(REGULAR, SIZE)
    return y - 1.2 * LINE


def _entry(canvas: Canvas, row: Row, y: float) -> None:
    canvas.drawString(COLUMNS[0], y, f"{row.at:%d.%m.%Y %H:%M:%S}")
    fitting(canvas, COLUMNS[1], y, row.what, COLUMNS[2] - COLUMNS[1])
    if row.party:
        fitting(canvas, COLUMNS[2], y, row.party, COLUMNS[3] - COLUMNS[2])
    much = words.quantity(row.kind, row.quantity)
    if much:
        canvas.drawString(COLUMNS[3], y, much)
    if row.place:
        fitting(canvas, COLUMNS[4], y, row.place, 22 * MM)
    canvas.drawRightString(RIGHT, y, row.package or formats.money(row.amount_minor, sign=True).removesuffix("\xa0₽"))
    canvas.line(LEFT, y - 0.3 * LINE, RIGHT, y - 0.3 * LINE)


def fitting(canvas: Any, x: float, y: float, text: str, room: float, font: str = REGULAR) -> None:
    """Draw the text, narrower when it is wider than its column: nothing is cut off, nothing overlaps."""
    wide = _width(text, font) + GAP
    if wide <= room:
        canvas.drawString(x, y, text)
        return
    line = canvas.beginText(x, y)
    line.setHorizScale(100 * room / wide)
    line.textOut(text)
    line.setHorizScale(100)
    canvas.drawText(line)


@lru_cache(20_000)
def _width(text: str, font: str) -> float:
    return float(pdfmetrics.stringWidth(text, font, SIZE))
