"""The texts of SMS about numbers that others see: shared, asked for, answered."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _shared(params: Params, _secret: str) -> str:
    seen = _("%(number)s sees your number from now on: %(role)s.") % {
        "number": params["number"],
        "role": words.shared_as(params["role"]),
    }
    return f"{seen} {_where()}"


def _where() -> str:
    return _("You end it at once, without a code: %(site)s/numbers/") % {"site": words.site()}


def _asked(params: Params, _secret: str) -> str:
    asks = _("%(number)s asks to see your number in their cabinet, as a number of one owner.") % params
    return " ".join(
        [
            asks,
            _("You may refuse until %(until)s: %(site)s/numbers/")
            % {"until": words.moment(params["until"]), "site": words.site()},
        ]
    )


def _answered(params: Params, _secret: str) -> str:
    about = {"number": params["number"], "site": words.site()}
    if params["state"] == "approved":
        return _("%(number)s is in your cabinet now: %(site)s/numbers/") % about
    why = {
        "not yours": _("by our books it is not a number of yours"),
        "other region": _("it is a number of another region"),
        "document": _("we need to see your document: come to a shop"),
    }[params["reason"]]
    return _("%(number)s was not added to your cabinet: %(why)s.") % (about | {"why": why})


def _asked_by_text(params: Params, _secret: str) -> str:
    """What became of the word NUMBERS."""
    wanted = _("You asked that this number be seen in the cabinet of your other number.")
    return {
        "asked": wanted + " " + _("We answer within 2 working days, free of charge."),
        "already": _("Your other number sees this number already."),
        "nobody": _("No other number of yours in this region has a cabinet yet. Sign in with one of them first."),
        "held": _("The SIM or the call forwarding of this number was changed lately. Ask again in a day."),
        "many": _("Several of your requests wait already. We answer them first."),
    }[params["outcome"]]


SMS: dict[str, Callable[[Params, str], str]] = {
    "number shared": _shared,
    "number asked": _asked,
    "number answered": _answered,
    "keyword numbers": _asked_by_text,
}
