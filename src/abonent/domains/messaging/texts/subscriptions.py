"""The texts of SMS about subscriptions of content providers: what they cost, from when, and how to stop them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _asked(params: Params, code: str) -> str:
    """What is agreed to by the code: who, how much, how often; where it is said, and how it is stopped later."""
    about = _about(params) | {"code": code, "until": words.moment(params["until"])}
    return " ".join(
        [
            _("“%(service)s” asks for %(price)s, VAT included, from %(number)s.") % about,
            _("To agree, send YES %(code)s to %(ours)s or open %(site)s/subscribe/%(id)s/ by %(until)s.") % about,
            _("If you do nothing, nothing is charged. To stop later: STOP to %(short)s.") % about,
        ]
    )


def _began(params: Params, _secret: str) -> str:
    about = _about(params) | {"day": words.day(params["next"])}
    told = [_("You subscribed to “%(service)s”: %(price)s, VAT included. Charged: %(sum)s.") % about]
    told.append(_("Next charge on %(day)s. To stop: STOP to %(short)s or %(site)s/subscriptions/") % about)
    return " ".join(told)


def _paused(params: Params, _secret: str) -> str:
    about = _about(params) | {"missing": words.money(params["missing"]), "until": words.moment(params["until"])}
    told = [_("%(missing)s are missing for “%(service)s”: it is paused and costs nothing meanwhile.") % about]
    told.append(_("We try again by %(until)s. To stop: STOP to %(short)s or %(site)s/subscriptions/") % about)
    return " ".join(told)


def _goes_on(params: Params, _secret: str) -> str:
    about = _about(params) | {"day": words.day(params["next"])}
    return _("“%(service)s” goes on: charged %(sum)s, next charge on %(day)s. To stop: STOP to %(short)s.") % about


def _ended(params: Params, _secret: str) -> str:
    told = [_("“%(service)s” is stopped and charges nothing more.") % _about(params)]
    if params["why"] == "no money":
        told = [_("“%(service)s” has ended: there was no money for it. It charges nothing more.") % _about(params)]
    if int(params["back"]):
        of_dispute = params["why"] == "dispute"
        given = _("Given back: %(sum)s.") if of_dispute else _("Given back for unused days: %(sum)s.")
        told.append(given % {"sum": words.money(params["back"])})
    elif params["until"]:
        last = date.fromisoformat(params["until"]) - timedelta(days=1)
        told.append(_("It works until the end of %(day)s.") % {"day": words.day(last.isoformat())})
    return " ".join(told)


def _refused(params: Params, _secret: str) -> str:
    about = _about(params)
    return _("We refused the subscription “%(service)s” for you. Nothing is charged. %(site)s/subscriptions/") % about


def _nothing(_params: Params, _secret: str) -> str:
    told = _("There is nothing to stop: your number has no such subscriptions. All of them: %(site)s/subscriptions/")
    return told % {"site": words.site()}


def _all_stopped(params: Params, _secret: str) -> str:
    return _("Subscriptions that are stopped: %(count)s. New ones can be banned at %(site)s/subscriptions/") % {
        "count": params["count"],
        "site": words.site(),
    }


def _declined(params: Params, _secret: str) -> str:
    return _("“%(service)s” does not begin, and nothing was charged.") % {"service": params["service"]}


def _banned(params: Params, _secret: str) -> str:
    told = _("Nobody can ask for new subscriptions on %(number)s any more. What you have goes on: STOP ALL stops it.")
    lifted = _("The ban is free, and lifted at %(site)s/subscriptions/") % {"site": words.site()}
    return f"{told % {'number': params['number']}} {lifted}"


def _wrong(params: Params, _secret: str) -> str:
    if int(params["left"]):
        told = _("The code is wrong, and nothing began. Send YES and the 6 digits of our message. Tries left: %(left)s")
        return told % {"left": params["left"]}
    return _("There is nothing to agree to: the code was wrong too often, or its time is over. Nothing is charged.")


def _not_begun(params: Params, _secret: str) -> str:
    """The code is right, and begins nothing."""
    return {
        "protected": _(
            "Your cabinet is protected, so nothing begins by a code, and nothing is charged. Lift that at %(site)s"
        ),
        "held": _(
            "The SIM or the forwarding of this number changed lately, so nothing begins by a code for a day. Nothing "
            "is charged."
        ),
        "suspended": _("We have suspended this provider, so nothing began. Nothing is charged."),
        "blocked": _("The number is blocked, so nothing began. Nothing is charged."),
    }.get(params["why"], _("It was refused, and nothing was charged.")) % {"site": words.site()}


def _menu(params: Params, _secret: str) -> str:
    return _("%(number)s: %(menu)s. To stop: STOP to %(number)s. All subscriptions: %(site)s/subscriptions/") % {
        "number": params["short"],
        "menu": params["menu"],
        "site": words.site(),
    }


def _about(params: Params) -> dict[str, str]:
    return {
        "service": params["service"],
        "price": price(params["sum"], params["per"]),
        "sum": words.money(params["sum"]),
        "number": params["number"],
        "short": params["short"],
        "id": params["id"],
        "ours": settings.SMS_SENDER,
        "site": words.site(),
    }


def price(minor: str, per: str) -> str:
    """Return a price in minor units for each day, week or month."""
    said = {"day": _("%(sum)s a day"), "week": _("%(sum)s a week"), "month": _("%(sum)s a month")}[per]
    return said % {"sum": words.money(minor)}


SMS: dict[str, Callable[[Params, str], str]] = {
    "subscription asked": _asked,
    "subscription began": _began,
    "subscription paused": _paused,
    "subscription goes on": _goes_on,
    "subscription ended": _ended,
    "subscription refused": _refused,
    "subscription wrong": _wrong,
    "subscription not begun": _not_begun,
    "subscription menu": _menu,
    "subscription nothing": _nothing,
    "subscriptions stopped": _all_stopped,
    "subscription declined": _declined,
    "subscriptions banned": _banned,
}
