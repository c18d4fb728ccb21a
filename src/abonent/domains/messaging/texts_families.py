"""The texts of SMS about families that share a package: asked, joined, left, and how much of a limit is used."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging import texts_words as words
from abonent.domains.messaging.texts_words import Params


def _invited(params: Params, _secret: str) -> str:
    told = _("%(number)s invites your number to their family: you would use their package, too. Look and answer:")
    return f"{told % params} {_page()}"


def _joined(params: Params, _secret: str) -> str:
    told = _("%(number)s is in your family from %(since)s and uses your package.")
    return f"{told % _since(params)} {_page()}"


def _welcome(params: Params, _secret: str) -> str:
    told = _("From %(since)s your number uses the family package of %(number)s. You leave when you like:")
    return f"{told % _since(params)} {_page()}"


def _refused(params: Params, _secret: str) -> str:
    return _("%(number)s does not join your family.") % params


def _left(params: Params, _secret: str) -> str:
    told = _("%(number)s left your family and uses your package no more.")
    return f"{told % params} {_page()}"


def _removed(params: Params, _secret: str) -> str:
    told = _("Your number uses the family package of %(number)s no more. What you have yourself stays.")
    return f"{told % params} {_page()}"


def _over(params: Params, _secret: str) -> str:
    told = _("The family of %(number)s has ended. What your number has itself stays.")
    return f"{told % params} {_page()}"


def _limit(params: Params, _secret: str) -> str:
    told = _("%(percent)s%% of your limit of %(amount)s in the family package are used.")
    said = told % {"percent": params["percent"], "amount": words.quantity(params)}
    return f"{said} {_page()}"


def _since(params: Params) -> dict[str, str]:
    return {"number": params["number"], "since": words.moment(params["since"])}


def _page() -> str:
    return f"{words.site()}/family/group/"


TEMPLATES: dict[str, Callable[[Params, str], str]] = {
    "pool invited": _invited,
    "pool joined": _joined,
    "pool welcome": _welcome,
    "pool refused": _refused,
    "pool left": _left,
    "pool removed": _removed,
    "pool over": _over,
    "pool limit": _limit,
}
