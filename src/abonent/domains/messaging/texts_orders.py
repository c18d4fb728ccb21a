"""The texts of SMS about orders: what is done and what it cost, or that it is not done and costs nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging import texts_words as words
from abonent.domains.messaging.texts_words import Params


def _done(params: Params, _secret: str) -> str:
    about = {"service": params["service"], "number": params["number"]}
    if params["action"] == "tariff":
        told = [_("The tariff of %(number)s is “%(service)s” now.") % about]
    elif params["action"] == "disconnect":
        told = [_("“%(service)s” is off on %(number)s.") % about]
    else:
        told = [_("“%(service)s” is on, on %(number)s.") % about]
    if int(params["sum"]):
        told.append(_("Charged: %(sum)s.") % {"sum": words.money(params["sum"])})
    if params["action"] != "disconnect" and int(params["next"]):
        price = words.money(params["next"])
        by_day = params["per"] == "day"
        told.append((_("Then %(sum)s a day.") if by_day else _("Then %(sum)s a month.")) % {"sum": price})
    return " ".join([*told, _where(params)])


def _failed(params: Params, _secret: str) -> str:
    about = {"service": params["service"], "number": params["number"]}
    if params["action"] == "tariff":
        told = [_("The tariff of %(number)s could not be changed to “%(service)s”, and is as it was.") % about]
    elif params["action"] == "disconnect":
        told = [_("“%(service)s” could not be switched off on %(number)s.") % about]
    else:
        told = [_("“%(service)s” could not be connected on %(number)s.") % about]
    told.append(_("Nothing was charged."))
    return " ".join([*told, _where(params)])


def _where(params: Params) -> str:
    return _("Details: %(site)s/orders/%(order)s/") % {"site": words.site(), "order": params["order"]}


SMS: dict[str, Callable[[Params, str], str]] = {"order done": _done, "order failed": _failed}
