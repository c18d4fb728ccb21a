"""The texts of SMS about families that share a package: asked, joined, left, and how much of a limit is used."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


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


def _paused(params: Params, _secret: str) -> str:
    told = _("The family package of %(number)s rests: its fee waits for money. Until then you pay by your own tariff.")
    return f"{told % params} {_page()}"


def _resumed(params: Params, _secret: str) -> str:
    told = _("The family package of %(number)s is shared again.")
    return f"{told % params} {_page()}"


def _payer_asked(params: Params, _secret: str) -> str:
    told = _("%(number)s asks you to pay for the family: %(sum)s a month, the package is yours then. Look and answer:")
    return f"{told % _sum(params)} {_page()}"


def _payer_agreed(params: Params, _secret: str) -> str:
    told = _("%(number)s agreed: it pays for your family from %(since)s. Until then all stays as it is.")
    return f"{told % _since(params)} {_page()}"


def _payer_refused(params: Params, _secret: str) -> str:
    return _("%(number)s does not pay for your family. All stays as it is.") % params


def _payer_you(params: Params, _secret: str) -> str:
    told = _("From %(since)s you pay for the family: %(sum)s a month. It takes from your package.")
    return f"{told % (_since(params) | _sum(params))} {_page()}"


def _payer_changed(params: Params, _secret: str) -> str:
    told = _("From %(since)s your family takes from the package of %(number)s. Your limits stay.")
    return f"{told % _since(params)} {_page()}"


def _payer_failed(params: Params, _secret: str) -> str:
    why = {
        "poor": _("there is too little money on its balance"),
        "blocked": _("it is blocked"),
        "gone": _("it is not in the family any more"),
        "has service": _("it has a family of its own"),
    }[params["why"]]
    told = _("%(number)s could not become the payer of the family: %(why)s. All stays as it is.")
    return f"{told % {'number': params['number'], 'why': why}} {_page()}"


def _sum(params: Params) -> dict[str, str]:
    return {"number": params["number"], "sum": words.money(params["amount_minor"])}


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
    "pool paused": _paused,
    "pool resumed": _resumed,
    "pool payer asked": _payer_asked,
    "pool payer agreed": _payer_agreed,
    "pool payer refused": _payer_refused,
    "pool payer you": _payer_you,
    "pool payer changed": _payer_changed,
    "pool payer failed": _payer_failed,
}
