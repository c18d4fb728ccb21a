"""The texts of SMS about promised payments. Sums come as minor units, moments in ISO 8601."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from babel.numbers import format_currency
from django.utils import translation
from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params

CURRENCY = "RUB"


def _taken(params: Params, _secret: str) -> str:
    told = [_("Promised payment: %(sum)s is on your balance until %(until)s.") % _both(params, "sum")]
    if int(params["fee"]):
        told.append(_("The fee of %(fee)s is charged.") % {"fee": _sum(params["fee"])})
    return " ".join([*told, _("Your next top-up repays it first, by itself.")])


def _due(params: Params, _secret: str) -> str:
    """What is to be done, until when, and what happens otherwise."""
    told = _("Your promised payment: %(left)s is to be repaid by %(until)s.") % _both(params, "left")
    return " ".join([told, _("Top up your balance, or it will be taken from it then.")])


def _repaid(params: Params, _secret: str) -> str:
    if int(params["left"]):
        told = _("%(sum)s of your top-up went to the promised payment.") % {"sum": _sum(params["sum"])}
        return " ".join([told, _("%(left)s is to be repaid by %(until)s.") % _both(params, "left")])
    return _("%(sum)s of your top-up went to the promised payment: it is repaid.") % {"sum": _sum(params["sum"])}


def _taken_back(params: Params, _secret: str) -> str:
    told = [
        _("The promised payment was not repaid in time: %(sum)s was taken from your balance.")
        % {"sum": _sum(params["sum"])}
    ]
    if until := params.get("until"):
        told.append(_("A new one can be taken after %(until)s.") % {"until": words.moment(until)})
    return " ".join(told)


def _both(params: Params, name: str) -> dict[str, str]:
    return {name: _sum(params[name]), "until": words.moment(params["until"])}


def _sum(minor: str) -> str:
    language = translation.get_language() or "ru"
    return format_currency(Decimal(minor) / 100, CURRENCY, locale=language.replace("-", "_"))


TEMPLATES: dict[str, Callable[[Params, str], str]] = {
    "promised taken": _taken,
    "promised due": _due,
    "promised repaid": _repaid,
    "promised taken back": _taken_back,
}
