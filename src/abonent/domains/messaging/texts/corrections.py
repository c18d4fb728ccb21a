"""What is said of money that our staff moved, and of charges that somebody does not agree with."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.topups import money
from abonent.domains.messaging.texts.words import Params


def _corrected(params: Params, _secret: str) -> str:
    said = {"sum": money(params["sum"]), "balance": money(params["balance"]), "site": words.site()}
    said["why"] = reason(params["reason"])
    if params["kind"] == "credit":
        return _("%(sum)s were put on your account: %(why)s. Balance %(balance)s. More: %(site)s/statement/") % said
    return _("%(sum)s were taken from your account: %(why)s. Balance %(balance)s. More: %(site)s/statement/") % said


def _answered(params: Params, _secret: str) -> str:
    return _("We have answered your request No. %(number)s. Read it at %(site)s/disputes/%(number)s/") % {
        "number": params["number"],
        "site": words.site(),
    }


def reason(code: str) -> str:
    """Return why money was moved, as the end of a sentence; a code of later days says nothing wrong."""
    return {
        "wrong charge": _("a wrong charge"),
        "double charge": _("charged twice"),
        "service failed": _("the service did not work"),
        "not ordered": _("a service that was not ordered"),
        "goodwill": _("to make good for the trouble"),
        "credited by mistake": _("credited by mistake"),
        "not charged": _("used and not charged"),
    }.get(code) or _("a correction")


SMS: dict[str, Callable[[Params, str], str]] = {"corrected": _corrected, "dispute answered": _answered}
