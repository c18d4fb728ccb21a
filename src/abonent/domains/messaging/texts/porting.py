"""The texts of SMS about numbers that change their operator, to whoever holds the number."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _port_in(params: Params, _secret: str) -> str:
    at = words.moment(params["at"]) if params["at"] else ""
    told = {
        "requested": _("Your request to bring this number to %(operator)s is written down."),
        "accepted": _("This number comes to %(operator)s on %(at)s. Have the new SIM at hand by then."),
        "refused": _("Your operator does not let this number go: %(why)s. You can ask again."),
        "cancelled": _("This number stays with your operator, as you wished. Nothing was charged."),
        "failed": _("This number did not come to us, and nothing was charged. You can ask again."),
        "ported": _("Welcome to %(operator)s! Put the new SIM in, if you have not yet."),
    }[params["state"]] % {"operator": words.operator(), "at": at, "why": reason(params["reason"])}
    return f"{told} {_where('port-in', params)}"


def _port_out(params: Params, _secret: str) -> str:
    said = {"number": params["number"], "operator": params["operator"]}
    at = words.moment(params["at"]) if params["at"] else ""
    if params["state"] in ("asked", "accepted"):
        what = (
            _("%(operator)s asks to take your number %(number)s away.")
            if params["state"] == "asked"
            else _("We let your number %(number)s go to %(operator)s.")
        )
        when = _("It leaves on %(at)s.") % {"at": at} if at else ""
        stop = _("Not you? Stop it: %(site)s/port-out/%(ref)s/ or send STOP PORT to %(short)s.") % {
            "site": words.site(), "ref": params["ref"], "short": settings.SMS_SENDER,
        }  # fmt: skip
        return " ".join(part for part in (what % said, when, stop) if part)
    if params["state"] == "refused":
        why = _("We did not let your number %(number)s go to %(operator)s: %(why)s.")
        return f"{why % {**said, 'why': own_reason(params['reason'])}} {_where_all()}"
    stays = _("Your number %(number)s stays with us: nobody takes it away.")
    return f"{stays % said} {_where_all()}"


def _not_stopped(params: Params, _secret: str) -> str:
    """Why a text that was to stop it did not."""
    return {
        "nothing": _("Nobody takes this number to another operator now: there is nothing to stop."),
        "late": _("It is too late to stop it by SMS. Call us at once: %(number)s."),
        "held": _(
            "The SIM or the forwarding of this number changed lately, so an SMS stops nothing. Call us: %(number)s."
        ),
    }[params["why"]] % {"number": settings.SUPPORT_NUMBER}


def reason(of: str) -> str:
    """Return why another operator does not let a number go."""
    return {
        "debt": _("there is a debt"),
        "other owner": _("the data of the owner are others there"),
        "not served": _("it does not serve this number"),
        "blocked": _("the number is blocked"),
        "ported lately": _("the number has changed its operator lately"),
        "owner objects": _("the owner said no"),
    }.get(of) or _("it gave no reason")


def own_reason(of: str) -> str:
    """Return why we do not let a number go, to its owner."""
    return {
        "protected": _("your cabinet is protected"),
        "fresh sim": _("the SIM is new"),
        "other owner": _("the data of the owner are others here"),
        "not served": _("we do not serve this number"),
    }.get(of) or reason(of)


def _where(place: str, params: Params) -> str:
    return _("Details: %(site)s/%(place)s/%(ref)s/") % {"site": words.site(), "place": place, "ref": params["ref"]}


def _where_all() -> str:
    return _("Details: %(site)s/port-out/") % {"site": words.site()}


SMS: dict[str, Callable[[Params, str], str]] = {
    "port in": _port_in,
    "port out": _port_out,
    "port not stopped": _not_stopped,
}
