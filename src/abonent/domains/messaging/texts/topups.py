"""What is said of money that people paid in, by SMS and in letters alike: short, the sum first."""

from __future__ import annotations

from collections.abc import Callable

from babel.numbers import format_decimal
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params

LAST_DIGITS = 4


def money(minor: str) -> str:
    """Return minor units as `1 259,90 ₽`, with plain blanks."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    number = format_decimal(int(minor) / 100, "#,##0.00", locale=language.replace("-", "_"))
    return f"{number} ₽".replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def _topped_up(params: Params, _secret: str) -> str:
    sums = {"sum": money(params["sum"]), "balance": money(params["balance"])}
    if payer := params.get("payer"):
        came = _("%(sum)s came from the number that ends in %(digits)s. Balance %(balance)s.")
        return came % (sums | {"digits": payer[-LAST_DIGITS:]})
    return _("%(sum)s came in. Balance %(balance)s.") % sums


def _paid_for_another(params: Params, _secret: str) -> str:
    return words.of_line(
        params["number"],
        phone=_("You paid %(sum)s for %(number)s. The receipt is at %(site)s."),
        wire=_("You paid %(sum)s for the connection %(number)s. The receipt is at %(site)s."),
    ) % {
        "sum": money(params["sum"]),
        "number": params["number"],
        "site": words.site(),
    }


def _returned(params: Params, _secret: str) -> str:
    return _("We serve nobody by %(number)s. Your %(sum)s came to your own balance: %(balance)s.") % {
        "number": params["number"],
        "sum": money(params["sum"]),
        "balance": money(params["balance"]),
    }


def _declined(params: Params, _secret: str) -> str:
    return _("The bank did not let %(sum)s through: nothing was charged. Try again at %(site)s.") % {
        "sum": money(params["sum"]),
        "site": words.site(),
    }


def _refunded(params: Params, _secret: str) -> str:
    return _("%(sum)s go back to where you paid from. The bank may take some days.") % {"sum": money(params["sum"])}


SMS: dict[str, Callable[[Params, str], str]] = {
    "topped up": _topped_up,
    "paid for another": _paid_for_another,
    "top-up returned": _returned,
    "top-up declined": _declined,
    "top-up refunded": _refunded,
}
