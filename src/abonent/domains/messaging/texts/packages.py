"""The texts of SMS about packages and gifts: what there is more of, until when, and who gave it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _added(params: Params, _secret: str) -> str:
    about = {"service": params["service"], "number": params["number"], "day": words.last_day(params["until"])}
    told = [_("“%(service)s” was added to %(number)s, to be used until %(day)s.") % about]
    if int(params["sum"]):
        told.append(_("Charged: %(sum)s.") % {"sum": words.money(params["sum"])})
    if params["renews"]:
        told.append(_("It is bought again when it ends, until you say no."))
    return " ".join([*told, _where()])


def _not_renewed(params: Params, _secret: str) -> str:
    about = {"service": params["service"], "number": params["number"], "day": words.last_day(params["until"])}
    told = _("“%(service)s” on %(number)s ends with %(day)s and could not be bought again. Nothing was charged.")
    return f"{told % about} {_where()}"


def _came(params: Params, _secret: str) -> str:
    about = {
        "amount": words.quantity(params), "number": params["number"], "day": words.last_day(params["until"])
    }  # fmt: skip
    told = _("%(number)s gave you %(amount)s, to be used until %(day)s.") % about
    return f"{told} {_where()}"


def _went(params: Params, _secret: str) -> str:
    told = [_("You gave %(amount)s to %(number)s.") % {
        "amount": words.quantity(params), "number": params["number"]
    }]  # fmt: skip
    if int(params["fee_minor"]):
        told.append(_("Fee: %(sum)s.") % {"sum": words.money(params["fee_minor"])})
    return " ".join([*told, words.not_me()])


def _where() -> str:
    return _("Details: %(site)s/packages/") % {"site": words.site()}


TEMPLATES: dict[str, Callable[[Params, str], str]] = {
    "package added": _added,
    "package not renewed": _not_renewed,
    "gift came": _came,
    "gift went": _went,
}
