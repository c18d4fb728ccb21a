"""The receipt of a transfer: its facts in words, and a page of PDF to keep."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import abonent.web
from abonent.domains.billing.transfers.queries import Transfer
from abonent.domains.billing.transfers.rules import masked
from abonent.entrypoints.portal.billing import transfers_words
from abonent.web import format as formats

FONTS = Path(abonent.web.__file__).parent / "fonts"
REGULAR, BOLD = "Golos", "Golos-Bold"
MM = float(mm)
LEFT, SECOND, TOP = 20 * MM, 80 * MM, float(A4[1]) - 24 * MM
SIZE, LINE = 10, 7 * MM


def number(transfer: Transfer) -> str:
    """Return what the transfer is called on paper and by staff: day and the end of its id."""
    return f"{transfer.asked_at:%y%m%d}-{transfer.id.hex[-8:].upper()}"


def facts(transfer: Transfer, *, income: bool) -> list[tuple[str, str]]:
    """Return the facts of a transfer that was done, as one side may see them; a value may have two lines."""
    other = (transfer.name_from, transfer.number_from) if income else (transfer.name_to, transfer.number_to)
    own = transfer.number_to if income else transfer.number_from
    kind = transfers_words.title(transfer, income=income)
    found = [
        (_("Operation number"), number(transfer)),
        (_("What"), kind),
        (_("From whom") if income else _("To whom"), "\n".join(part for part in (other[0], masked(other[1])) if part)),
        (_("Your number"), formats.phone(own)),
    ]
    if not income:
        found += [
            (_("Transfer fee"), formats.money(transfer.fee_minor)),
            (_("Taken from the balance"), formats.money(transfer.amount_minor + transfer.fee_minor)),
        ]
    return found


def pdf(transfer: Transfer, *, income: bool, title: str) -> bytes:
    """Return the receipt as a page of A4."""
    _register_fonts()
    file = BytesIO()
    language = get_language() or settings.LANGUAGE_CODE
    canvas = Canvas(file, pagesize=A4, pageCompression=1, lang=language)
    name = settings.OPERATOR_NAME.get(language) or settings.OPERATOR_NAME[settings.LANGUAGE_CODE]
    heading = _("Receipt %(number)s") % {"number": number(transfer)}
    canvas.setTitle(heading)
    canvas.setFont(BOLD, 16)
    canvas.drawString(LEFT, TOP, heading)
    canvas.setFont(REGULAR, SIZE)
    canvas.drawString(LEFT, TOP - LINE, name)
    rows = [
        (title, formats.money(transfer.amount_minor)),
        (_("Date and time"), transfers_words.when(transfer.settled_at or transfer.asked_at)),
        *facts(transfer, income=income),
    ]
    for place, (said, value) in enumerate(rows):
        y = TOP - (place + 3) * LINE
        canvas.setFont(REGULAR, SIZE)
        canvas.drawString(LEFT, y, said)
        canvas.setFont(BOLD, SIZE)
        canvas.drawString(SECOND, y, value.replace("\n", " · "))
    canvas.save()
    return file.getvalue()


@cache
def _register_fonts() -> None:
    pdfmetrics.registerFont(TTFont(REGULAR, str(FONTS / "golos-regular.ttf")))
    pdfmetrics.registerFont(TTFont(BOLD, str(FONTS / "golos-semibold.ttf")))
