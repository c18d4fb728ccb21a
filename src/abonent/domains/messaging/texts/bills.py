"""Texts on monthly bills: what is to be paid and until when, and where the bill is. Sums come in minor units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonent.domains.messaging.texts.words import Params

NBSP = "\N{NO-BREAK SPACE}"


def sms(params: Params, _secret: str) -> str:
    """Return what is to be paid, until when, and where the whole of it can be read."""
    told = {
        "month": _month(params["month"]),
        "sum": _money(params["due_minor"]),
        "until": _day(params["due_on"]),
        "address": _address(params),
    }
    if params.get("corrects"):
        return _("Corrected bill for %(month)s: %(sum)s, pay until %(until)s. %(address)s") % told
    return _("Bill for %(month)s: %(sum)s, pay until %(until)s. %(address)s") % told


def subject(params: Params) -> str:
    """Return what stands over the letter: no sum, since mail servers write subjects down."""
    return _("Your bill for %(month)s") % {"month": _month(params["month"])}


def paragraphs(params: Params) -> tuple[str, ...]:
    """Return the letter: the bill in three sums, and the link to it."""
    lines = [
        _("Bill %(number)s for %(month)s is ready.") % {"number": params["number"], "month": _month(params["month"])},
        _("Charged in the month: %(sum)s.") % {"sum": _money(params["charged_minor"])},
    ]
    if int(params["due_minor"]):
        lines.append(
            _("To be paid: %(sum)s, until %(until)s.")
            % {"sum": _money(params["due_minor"]), "until": _day(params["due_on"])}
        )
    else:
        lines.append(_("Nothing is to be paid."))
    if params.get("corrects"):
        lines.append(_("It replaces bill %(number)s.") % {"number": params["corrects"]})
    where = _("The whole bill, on the page and as PDF, stays here; you sign in to see it:")
    return "\n".join(lines), f"{where}\n{_address(params)}"


def _address(params: Params) -> str:
    return f"{settings.ADDRESS}/bills/{params['bill']}/"


def _month(iso: str) -> str:
    month = date.fromisoformat(iso)
    return f"{format_date(month, 'LLLL', locale=_locale())}{NBSP}{month.year}"


def _day(iso: str) -> str:
    return str(format_skeleton("MMMMd", date.fromisoformat(iso), locale=_locale())).replace(" ", NBSP)


def _money(minor: str) -> str:
    written = format_decimal(Decimal(minor) / 100, format="#,##0.00", locale=_locale())
    return f"{written}{NBSP}₽"


TEMPLATES = {"bill": sms}


def _locale() -> str:
    return (get_language() or settings.LANGUAGE_CODE).replace("-", "_")
