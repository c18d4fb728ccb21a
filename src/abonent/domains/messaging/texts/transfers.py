"""The texts of SMS about money between subscribers: what came, from whom, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _told(said: str, params: Params) -> str:
    """Fill in the sum, the other side's number and the site."""
    return said % {"sum": words.money(params["amount_minor"]), "number": params["number"], "site": words.site()}


def _came(params: Params, _secret: str) -> str:
    return _told(_("%(sum)s came to your balance from %(number)s. Details: %(site)s/transfer/"), params)


def _went(params: Params, _secret: str) -> str:
    said = _told(_("%(sum)s went from your balance to %(number)s."), params)
    fee = int(params.get("fee_minor", "0"))
    fee_said = " " + _("Fee: %(sum)s.") % {"sum": words.money(params["fee_minor"])} if fee else ""
    return f"{said}{fee_said} {words.not_me()}"


def _back_came(params: Params, _secret: str) -> str:
    return _told(_("%(number)s gave you %(sum)s back."), params)


def _asked_back(params: Params, _secret: str) -> str:
    return _told(
        _("%(number)s says that %(sum)s came to you by mistake and asks for it back. You decide: %(site)s/transfer/"),
        params,
    )


def _kept(params: Params, _secret: str) -> str:
    return _told(_("%(number)s does not give %(sum)s back. If you do not agree, call us."), params)


def _family_came(params: Params, _secret: str) -> str:
    return _told(_("%(sum)s came to your balance: %(number)s pays for you. Details: %(site)s/family/"), params)


def _invited(params: Params, _secret: str) -> str:
    return _told(
        _("%(number)s offers to pay for your number, up to %(sum)s a month. Agree or refuse: %(site)s/family/"), params
    )


def _agreed(params: Params, _secret: str) -> str:
    return _told(_("%(number)s agreed: you pay for it, up to %(sum)s a month. To end it: %(site)s/family/"), params)


def _ended(params: Params, _secret: str) -> str:
    return _told(_("Payment for each other has ended: %(number)s. Details: %(site)s/family/"), params)


def _poor(params: Params, _secret: str) -> str:
    return _told(
        _("There is too little on your balance to pay %(sum)s for %(number)s. Top up: %(site)s/topup/"), params
    )


TEMPLATES: dict[str, Callable[[Params, str], str]] = {
    "transfer came": _came,
    "transfer went": _went,
    "transfer back came": _back_came,
    "transfer asked back": _asked_back,
    "transfer kept": _kept,
    "family money came": _family_came,
    "family invited": _invited,
    "family agreed": _agreed,
    "family ended": _ended,
    "family poor": _poor,
}
