"""A bill and an act on paper: PDF, A4. The words are made here, the sheets in `sheets/` hold only the layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from abonent.domains.billing.bills.queries import Seen
from abonent.entrypoints.portal.billing import bills_page as page
from abonent.entrypoints.portal.billing import bills_words as words
from abonent.web import format as formats

SHEETS = Path(__file__).parent / "sheets"


def seller() -> list[str]:
    """Return who sells, as it stands over every paper; a seller without a name is known by the operator's."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    name = settings.SELLER.seller_name or settings.OPERATOR_NAME.get(language, "")
    number = settings.SELLER.seller_tax_number
    return [
        name,
        *([_("Tax number %(number)s") % {"number": number}] if number else []),
        *([settings.SELLER.seller_address] if settings.SELLER.seller_address else []),
    ]


def bill_pdf(seen: Seen) -> bytes:
    """Return the bill as it was issued; how it stands by now is no part of it."""
    bill = seen.bill
    notes = []
    if bill.corrects:
        notes.append(_("It replaces bill %(number)s.") % {"number": bill.corrects})
        notes.append(_("Reason: %(reason)s") % {"reason": bill.reason})
    return sheet(
        "bill",
        {
            "seller": seller(),
            "title": words.title(bill),
            "number": _("No. %(number)s") % {"number": bill.number},
            "notes": notes,
            "payer": page.payer(bill),
            "facts": page.facts(bill)[:-1],
            "due": page.facts(bill)[-1],
            "charged_title": _("What was charged"),
            "head": [_("On what"), _("Times"), _("Sum with VAT"), _("VAT within")],
            "groups": [{"name": group.name, "rows": group.rows, "total": group.total} for group in page.groups(bill)],
            "nothing": _("Nothing was charged in this month."),
            "total": [_("Total"), "", formats.money(bill.charged_minor), formats.money(bill.vat_minor)],
            "rates": [
                _("VAT at %(rate)s, within %(sum)s: %(vat)s") % {"rate": rate, "sum": amount, "vat": vat}
                for rate, amount, vat in page.vat_rates(bill)
            ],
            "payments_title": _("What was paid in"),
            "payments": page.payments(bill),
            "no_payments": _("Nothing was paid in this month."),
            "rounding": words.rounding(),
            "where": _("How the bill stands now, and how to pay it: %(address)s")
            % {"address": f"{settings.ADDRESS}/bills/{bill.id}/"},
        },
    )


def sheet(name: str, content: Mapping[str, object]) -> bytes:
    """Return `sheets/<name>.typ` filled with words, in the language that is active, as PDF."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    page_of = _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"}
    filled = {"lang": language, "page": page_of, **content}
    made = typst.compile(
        str(SHEETS / f"{name}.typ"),
        root=str(SHEETS),
        font_paths=[str(settings.FONTS_FOLDER)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"words": json.dumps(filled, ensure_ascii=False)},
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file, however many pages it has")
    return made
