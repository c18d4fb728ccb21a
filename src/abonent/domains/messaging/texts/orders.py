"""The texts of SMS about orders: what is done and what it cost, or that it is not done and costs nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _done(params: Params, _secret: str) -> str:
    about = {"service": params["service"], "number": params["number"], "day": words.day(params.get("until", ""))}
    if params["action"] == "block":
        told = [
            words.of_line(
                params["number"],
                phone=_("%(number)s is blocked until %(day)s, as you asked."),
                wire=_("The connection %(number)s is blocked until %(day)s, as you asked."),
            )
            % about
        ]
    elif params["action"] == "sim":
        told = [_("%(number)s works with the new SIM. The old one works no more.") % about]
    elif params["action"] == "number":
        told = [_("%(number)s is your number now. Sign in by it.") % about]
    elif params["action"] == "tariff":
        told = [
            words.of_line(
                params["number"],
                phone=_("The tariff of %(number)s is “%(service)s” now."),
                wire=_("The tariff of the connection %(number)s is “%(service)s” now."),
            )
            % about
        ]
    elif params["action"] == "disconnect":
        told = [
            words.of_line(
                params["number"],
                phone=_("“%(service)s” is off on %(number)s."),
                wire=_("“%(service)s” is off on the connection %(number)s."),
            )
            % about
        ]
    else:
        told = [
            words.of_line(
                params["number"],
                phone=_("“%(service)s” is on, on %(number)s."),
                wire=_("“%(service)s” is on, on the connection %(number)s."),
            )
            % about
        ]
    if int(params["sum"]):
        told.append(_("Charged: %(sum)s.") % {"sum": words.money(params["sum"])})
    if params["action"] not in ("disconnect", "block", "sim", "number") and int(params["next"]):
        price = words.money(params["next"])
        by_day = params["per"] == "day"
        told.append((_("Then %(sum)s a day.") if by_day else _("Then %(sum)s a month.")) % {"sum": price})
    return " ".join([*told, _where(params)])


def _failed(params: Params, _secret: str) -> str:
    about = {"service": params["service"], "number": params["number"]}
    if params["action"] == "block":
        told = [
            words.of_line(
                params["number"],
                phone=_("%(number)s could not be blocked, and works on."),
                wire=_("The connection %(number)s could not be blocked, and works on."),
            )
            % about
        ]
    elif params["action"] == "sim":
        told = [_("%(number)s gets no new SIM, and works on as it did.") % about]
    elif params["action"] == "number":
        told = [_("%(number)s stays your number: it could not be changed.") % about]
    elif params["action"] == "tariff":
        told = [
            words.of_line(
                params["number"],
                phone=_("The tariff of %(number)s could not be changed to “%(service)s”, and is as it was."),
                wire=_(
                    "The tariff of the connection %(number)s could not be changed to “%(service)s”, and is as it was."
                ),
            )
            % about
        ]
    elif params["action"] == "disconnect":
        told = [
            words.of_line(
                params["number"],
                phone=_("“%(service)s” could not be switched off on %(number)s."),
                wire=_("“%(service)s” could not be switched off on the connection %(number)s."),
            )
            % about
        ]
    else:
        told = [
            words.of_line(
                params["number"],
                phone=_("“%(service)s” could not be connected on %(number)s."),
                wire=_("“%(service)s” could not be connected on the connection %(number)s."),
            )
            % about
        ]
    told.append(_("Nothing was charged."))
    return " ".join([*told, _where(params)])


def _where(params: Params) -> str:
    return _("Details: %(site)s/orders/%(order)s/") % {"site": words.site(), "order": params["order"]}


def _block_ends(params: Params, _secret: str) -> str:
    said = {"number": params["number"], "moment": words.moment(params["until"])}
    told = words.of_line(
        params["number"],
        phone=_("The block of %(number)s ends on %(moment)s: from then on it works, and its fee is charged again."),
        wire=_(
            "The block of the connection %(number)s ends on %(moment)s: it works then, and its fee is charged again."
        ),
    )
    return told % said


def _block_ended(params: Params, _secret: str) -> str:
    told = words.of_line(
        params["number"],
        phone=_("The block of %(number)s has ended: it works again."),
        wire=_("The block of the connection %(number)s has ended: it works again."),
    )
    return told % {"number": params["number"]}


def _forwarding_failed(params: Params, _secret: str) -> str:
    return _("Call forwarding of %(number)s could not be changed, and is as it was. See %(site)s/calls/.") % {
        "number": params["number"],
        "site": words.site(),
    }


def _barring_failed(params: Params, _secret: str) -> str:
    return _("Call barring of %(number)s could not be changed, and is as it was. See %(site)s/calls/barring/.") % {
        "number": params["number"],
        "site": words.site(),
    }


def _internet_settings(params: Params, _secret: str) -> str:
    return _("Internet settings: APN %(apn)s, user name and password empty, type default,supl.") % {
        "apn": params["apn"]
    }


SMS: dict[str, Callable[[Params, str], str]] = {
    "order done": _done,
    "order failed": _failed,
    "block ends": _block_ends,
    "block ended": _block_ended,
    "forwarding failed": _forwarding_failed,
    "barring failed": _barring_failed,
    "internet settings": _internet_settings,
}
