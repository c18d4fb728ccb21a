"""What is said of autopay, by SMS and in letters alike: the sum and the card first, then what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.topups import money
from abonent.domains.messaging.texts.words import Params


def _on(params: Params, _secret: str) -> str:
    said = {name: money(params[name]) for name in ("sum", "threshold", "cap") if name in params}
    said |= {"day": params.get("day", ""), "card": params["card"], "site": words.site()}
    first = {
        "threshold": _("Autopay is on: %(sum)s from %(card)s when the balance falls below %(threshold)s."),
        "calendar": _("Autopay is on: %(sum)s from %(card)s on day %(day)s of each month."),
        "fee": _("Autopay is on: what the next fee lacks, from %(card)s, on day %(day)s of each month."),
    }[params["kind"]]
    more = _("At most %(cap)s a month. Not you? Switch it off at %(site)s/autopay/.")
    return f"{first % said} {more % said}"


def _soon(params: Params, _secret: str) -> str:
    said = {"sum": money(params["sum"]), "card": params["card"], "site": words.site()}
    if params["kind"] == "fee":
        first = _("Tomorrow autopay pays what the next fee lacks then from %(card)s: as of now %(sum)s.")
    else:
        first = _("Tomorrow autopay pays %(sum)s from %(card)s.")
    then = _("Pause it at %(site)s/autopay/.")
    return " ".join(part for part in (first % said, *_counted(params), then % said) if part)


def _counted(params: Params) -> Iterator[str]:
    """Yield what the payment is for: what will be charged until when, of which parts, and what is there."""
    if "total" not in params:
        return
    parts = [_part(kind, name, sum_) for kind, name, sum_ in json.loads(params["parts"])]
    said = {"day": words.day(params["until"]), "sum": money(params["total"]), "balance": money(params["balance"])}
    if parts:
        said["parts"] = ", ".join(parts)
        yield _("By %(day)s %(sum)s are charged: %(parts)s. Balance now: %(balance)s.") % said
    if int(params["missing"]):
        yield _("%(sum)s will still be missing.") % {"sum": money(params["missing"])}


def _part(kind: str, name: str, sum_: str) -> str:
    """Return a sum that is charged, or that comes back, in a few words."""
    told = {
        "tariff": _("tariff “%(name)s” %(sum)s"),
        "service": _("service “%(name)s” %(sum)s"),
        "order": _("order “%(name)s” %(sum)s") if name else _("order %(sum)s"),
        "promised": _("promised payment %(sum)s"),
        "equipment": _("equipment %(sum)s"),
        "block-day": _("block for a while %(sum)s"),
        "fee-return": _("back for days not used %(sum)s"),
        "other": _("other %(sum)s"),
    }
    sign = "−" if int(sum_) < 0 else ""
    return told[kind] % {"name": name, "sum": f"{sign}{money(sum_)}"}


def _not_needed(params: Params, _secret: str) -> str:
    said = {"sum": money(params["sum"]), "site": words.site()}
    return _("Autopay does not pay %(sum)s: the balance suffices now. See %(site)s/autopay/.") % said


def _paid(params: Params, _secret: str) -> str:
    return _("Autopay: %(sum)s came from %(card)s. Balance %(balance)s.") % {
        "sum": money(params["sum"]),
        "card": params["card"],
        "balance": money(params["balance"]),
    }


def _declined(params: Params, _secret: str) -> str:
    """Why nothing was taken, and what happens next."""
    said = {"sum": money(params["sum"]), "card": params["card"], "site": words.site()}
    why = {
        "insufficient funds": _("Autopay: there is not enough money on %(card)s for %(sum)s."),
        "limit exceeded": _("Autopay: %(sum)s are above the limit of %(card)s."),
    }.get(params["reason"]) or _("Autopay: the bank did not let %(sum)s from %(card)s through.")
    if retry := params.get("retry"):
        then = _("We try again on %(moment)s; you can top up at %(site)s/topup/ before.")
        return f"{why % said} {then % (said | {'moment': words.moment(retry)})}"
    then = _("It is paused now: top up at %(site)s/topup/, then resume it at %(site)s/autopay/.")
    return f"{why % said} {then % said}"


def _stopped(params: Params, _secret: str) -> str:
    said = {"card": params["card"], "site": words.site()}
    again = _("Switch it on with another card at %(site)s/autopay/.")
    first, then = {
        "card gone": (_("Autopay is off: %(card)s is not saved any more."), again),
        "card expired": (_("Autopay is off: %(card)s has expired."), again),
        "card refused": (_("Autopay is off: the bank does not let %(card)s pay by itself."), again),
        "line gone": (_("Autopay is off: the account it paid for is not yours any more."), ""),
        "account gone": (_("Autopay is off: your cabinet was deleted."), ""),
    }[params["why"]]
    return f"{first} {then}".strip() % said


def _cap(params: Params, _secret: str) -> str:
    return _(
        "Autopay does not pay %(sum)s: that would be more than %(cap)s this month. "
        "Top up or change it at %(site)s/autopay/."
    ) % {"sum": money(params["sum"]), "cap": money(params["cap"]), "site": words.site()}


SMS: dict[str, Callable[[Params, str], str]] = {
    "autopay on": _on,
    "autopay soon": _soon,
    "autopay not needed": _not_needed,
    "autopay paid": _paid,
    "autopay declined": _declined,
    "autopay stopped": _stopped,
    "autopay cap": _cap,
}
