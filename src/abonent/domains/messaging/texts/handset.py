"""What a phone is answered: balances and lists, a question with its price, what was ordered, or why not.

The same words go by SMS and onto the screen of a USSD session; only a text carries the code that confirms it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.messaging.texts import subscriptions as texts_subscriptions
from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _balance(params: Params, _secret: str) -> str:
    told = [_("Balance of %(number)s: %(sum)s.") % {"number": params["number"], "sum": words.money(params["sum"])}]
    if params.get("free") and params["free"] != params["sum"]:
        told.append(_("You can spend %(sum)s of it.") % {"sum": words.money(params["free"])})
    if params.get("owed"):
        told.append(
            _("Promised payment: repay %(sum)s by %(moment)s.")
            % {"sum": words.money(params["owed"]), "moment": words.moment(params["until"])}
        )
    return " ".join(told)


def _left(params: Params, _secret: str) -> str:
    items = json.loads(params["items"])
    if not items:
        return _("The tariff of %(number)s has no packages: you pay for what you use.") % {"number": params["number"]}
    return "\n".join(_left_of(*item) for item in items)


def _left_of(bucket: str, left: str, until: str) -> str:
    name = {"data": _("Internet"), "voice": _("Calls"), "sms": "SMS"}[bucket]
    amount = words.quantity({"bucket": bucket, "amount": left}) if left else _("without limit")
    day = words.last_day(until)
    return _("%(what)s: %(amount)s until %(day)s") % {"what": name, "amount": amount, "day": day}


def _services(params: Params, _secret: str) -> str:
    items = json.loads(params["items"])
    more = _("Subscriptions of other companies: send SUBSCRIPTIONS to %(number)s.") % _to(params)
    if not items:
        return "\n".join([_("%(number)s has no services.") % {"number": params["number"]}, more])
    how = _("To disconnect one, send OFF and its word to %(number)s.") % _to(params)
    return "\n".join([*(_item(*item) for item in items), how, more])


def _to(params: Params) -> dict[str, str]:
    """Return where the next text goes: to the number that was written to, where this is an answer."""
    return {"number": params.get("to") or settings.SMS_SERVICE}


def _subscriptions(params: Params, _secret: str) -> str:
    """What other companies charge for, and how each of them is stopped."""
    items = json.loads(params["items"])
    if not items:
        return _("%(number)s has no subscriptions of other companies.") % {"number": params["number"]}
    how = _("To stop one, send OFF and its word to %(number)s, all of them: STOP ALL. No new ones: BAN.")
    return "\n".join([*(_subscribed(*item) for item in items), how % _to(params)])


def _subscribed(name: str, minor: str, per: str, state: str, word: str) -> str:
    price = texts_subscriptions.price(minor, per)
    if state == "asked":
        price = _("waits for your yes, not charged")
    elif state == "paused":
        price = _("%(price)s, paused") % {"price": price}
    return f"{name}: {price} ({word})"


def _content(params: Params, _secret: str) -> str:
    about = {"number": params["number"], "sum": words.money(params["sum"]), "site": words.site()}
    if params.get("on"):
        return _("The content account of %(number)s has %(sum)s. Subscriptions are paid from it alone.") % about
    told = _("The content account of %(number)s is off: subscriptions are paid from the balance, %(sum)s of it free.")
    return " ".join([told % about, _("To switch it on: %(site)s/subscriptions/account/") % about])


def _called_off(params: Params, _secret: str) -> str:
    if params["what"] == "question":
        return _("Nothing was ordered: what waited for your yes is dropped.")
    if params["action"] == "block":
        told = _("The block of %(service)s is called off: it works on, and nothing is charged.")
    else:
        told = _("The order is called off and nothing was charged: “%(service)s”.")
    where = _("Details: %(site)s/orders/%(order)s/") % {"site": words.site(), "order": params["order"]}
    return f"{told % {'service': params['service']}} {where}"


def _packages(params: Params, _secret: str) -> str:
    items = json.loads(params["items"])
    if not items:
        return _("No packages are sold for this number.")
    how = _("To buy one, send ON and its word to %(number)s.") % _to(params)
    return "\n".join([*(_item(*item) for item in items), how])


def _tariffs(params: Params, _secret: str) -> str:
    own = _("Your tariff: “%(tariff)s”.") % {"tariff": params["own"]}
    items = json.loads(params["items"])
    how = _("To change it, send TARIFF and the word to %(number)s.") % _to(params)
    told = [f"{name}: {_fee(fee, per) if int(fee) else _no_fee()} ({word})" for name, _once, fee, per, word in items]
    return "\n".join([own, *told, *([how] if items else [])])


def _no_fee() -> str:
    return _("no fee")


def _item(name: str, once: str, fee: str, per: str, word: str) -> str:
    parts = [words.money(once)] if int(once) else []
    parts += [_fee(fee, per)] if int(fee) else []
    price = ", ".join(parts) or _("free of charge")
    return f"{name}: {price} ({word})"


def _fee(minor: str, per: str) -> str:
    said = _("%(sum)s a day") if per == "day" else _("%(sum)s a month")
    return said % {"sum": words.money(minor)}


def _asked(params: Params, code: str) -> str:
    """The question: what, what it costs now and later, from when, what is left; then how to say yes."""
    told = [_("The price or the terms have changed meanwhile.")] if params.get("changed") else []
    told += [_what(params), *_price(params)]
    if params.get("after"):
        told.append(_("Left on the balance: %(sum)s.") % {"sum": words.money(params["after"])})
    if code:
        said = {"code": code, "time": _clock(params["expires"]), **_to(params)}
        told.append(_("To confirm, send %(code)s to %(number)s by %(time)s.") % said)
    return " ".join(told)


def _what(params: Params) -> str:
    about = {
        "service": params.get("service", ""),
        "day": words.day(params.get("until", "")[:10]) if params["action"] == "block" else "",
        "sum": words.money(params.get("sum", "0")),
        "moment": words.moment(params["until"]) if params["action"] == "promise" else "",
    }
    return {
        "connect": _("Connect “%(service)s”?"),
        "disconnect": _("Disconnect “%(service)s”?"),
        "package": _("Buy “%(service)s”?"),
        "tariff": _("Change to the tariff “%(service)s”?"),
        "block": _("Block %(service)s from tomorrow until %(day)s?"),
        "promise": _("Promised payment of %(sum)s, to be repaid by %(moment)s?"),
        "lost": _("Block %(service)s as lost, at once? Nothing will work on it until you prove who you are."),
    }[params["action"]] % about


def _price(params: Params) -> list[str]:
    action, total = params["action"], int(params["total"])
    if action in ("lost", "disconnect"):
        return [_("This is free of charge.")]
    if action == "block":
        return _price_of_block(params, total)
    told = []
    if since := params.get("from"):
        told.append(_("From %(day)s.") % {"day": words.moment(since)[:10]})
    if total < 0:
        told.append(_("%(sum)s comes back now.") % {"sum": words.money(f"{-total}")})
    else:
        told.append(_("Now: %(sum)s.") % {"sum": words.money(f"{total}")})
    if action == "package":
        days = int(params["days"])
        told.append(ngettext("For %(days)s day.", "For %(days)s days.", days) % {"days": days})
    elif action in ("connect", "tariff") and int(params["next"]):
        told.append(_("Then %(fee)s.") % {"fee": _fee(params["next"], params["per"])})
    return told


def _price_of_block(params: Params, total: int) -> list[str]:
    told = [_("Now: %(sum)s.") % {"sum": words.money(f"{total}")}]
    free = int(params["days"])
    if free:
        told.append(ngettext("%(days)s day is free.", "%(days)s days are free.", free) % {"days": free})
    if int(params["next"]):
        told.append(_("Then %(fee)s.") % {"fee": _fee(params["next"], "day")})
    return told


def _clock(written: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(written)):%H:%M}"


def _taken(params: Params, _secret: str) -> str:
    action = params["action"]
    if action == "lost":
        return _(
            "%(number)s is blocked: nothing works on it. To lift that, sign in at %(site)s or come to our shop."
        ) % {
            "number": params["service"],
            "site": words.site(),
        }
    if action == "promise":
        return _("%(sum)s of the promised payment are on your balance. Receipt: %(site)s/promised/%(order)s/") % {
            "sum": words.money(params["sum"]),
            "site": words.site(),
            "order": params["order"],
        }
    where = _("Details: %(site)s/orders/%(order)s/") % {"site": words.site(), "order": params["order"]}
    taken = _("Your order is taken. You get a text when it is done.")
    return f"{taken} {where}"


def _refused(params: Params, _secret: str) -> str:
    """Why not, and the way out."""
    told = [_("Nothing was ordered: the price or the terms have changed.")] if params.get("changed") else []
    return " ".join([*told, _why(params)])


def _why(params: Params) -> str:
    why = params["why"]
    about = {
        "service": params.get("service", ""),
        "names": params.get("names", ""),
        "number": params.get("number", ""),
        "site": words.site(),
        "sum": words.money(params.get("missing") or "0"),
        "left": words.money(params.get("left") or "0"),
        "day": words.day((params.get("day") or params.get("until") or "")[:10]),
        "tries": params.get("tries", ""),
        "sums": ", ".join(words.money(one) for one in params.get("sums", "").split()),
    }
    texts = _of_orders() | _of_phones() | _of_blocks() | _of_promises()
    said = texts.get(why) or _("This cannot be ordered now. Your cabinet says why: %(site)s")
    return said % about


def _short() -> str:
    return _("Not enough money: %(sum)s is missing. Top up: %(site)s/topup/ or take a promised payment: send PROMISE.")


def _of_orders() -> dict[str, str]:
    return {
        "short": _short(),
        "limit": _("Your spending limit leaves %(left)s this month. You can raise it: %(site)s/limits/"),
        "has already": _("“%(service)s” is connected already."),
        "has not": _("“%(service)s” is not connected, so there is nothing to pay."),
        "on the way": _("“%(service)s” is on the way already: you get a text when it is done."),
        "conflicts": _("“%(service)s” does not work together with %(names)s. Disconnect that first."),
        "needs": _("“%(service)s” works only together with %(names)s. Connect that first."),
        "needed by": _("%(names)s works only together with “%(service)s”. Disconnect that first."),
        "blocked": _("This number is blocked. Lift the block first: %(site)s/lines/block/"),
        "region": _("“%(service)s” is not sold in the region of this number."),
        "not sold": _("“%(service)s” is not sold any more."),
        "not for this line": _("“%(service)s” is not for this number."),
        "no use": _("Your tariff makes no use of “%(service)s”."),
        "unlimited": _("Your tariff has no limit there: “%(service)s” would add nothing."),
        "personal": _("Your tariff was made for you: to change it, call us."),
    }


def _of_phones() -> dict[str, str]:
    return {
        "unknown": _("We sell nothing of that name. For what there is, send SERVICES, PACKAGES or TARIFF."),
        "often": _("So many requests came from this number that we answer no more of them for an hour."),
        "held": _("The SIM or the forwarding of this number changed lately, so nothing is ordered from it for a day."),
        "protected": _("Your cabinet is protected, so nothing is ordered. Lift that in it: %(site)s"),
        "nothing to call off": _("There is no order of the last day from this phone that could be called off."),
        "cannot call off": _("“%(service)s” has taken effect, so it cannot be called off. To disconnect it, send OFF."),
        "late": _("That is too late, and nothing was ordered. Ask anew for what you want."),
        "wrong code": _("That is not the code we sent, and nothing was ordered. Tries left: %(tries)s."),
        "not yours": _("That is not another number of yours, so it was not blocked. Sign in: %(site)s, or call us."),
        "lost already": _("%(number)s is blocked as lost already."),
    }


def _of_blocks() -> dict[str, str]:
    return {
        "block owed": _("First pay what is owed: %(sum)s. Top up: %(site)s/topup/"),
        "block short": _short(),
        "block already": _("%(number)s is blocked already. Lift it or look: %(site)s/lines/block/"),
        "block on the way": _("A block of %(number)s is ordered already: %(site)s/lines/block/"),
        "block cool-down": _("So soon after the last block there is no other. It can begin on %(day)s."),
        "block quota": _("The free days of the year are used up: %(site)s/lines/block/"),
    }


def _of_promises() -> dict[str, str]:
    return {
        "promise active": _("There is a promised payment already; repay that first."),
        "promise unpaid": _("The last promised payment was not repaid, so there is no other until %(day)s."),
        "promise often": _("You had promised payments lately. The next one can be had from %(day)s on."),
        "promise young": _("For new numbers there is no promised payment yet: from %(day)s on."),
        "promise spending": _("You spend too little for a promised payment: %(sum)s a month are missing."),
        "promise balance": _("The balance is too low for a promised payment: top up %(sum)s first, %(site)s/topup/"),
        "promise postpaid": _("You pay by bill, so you need no promised payment."),
        "promise sum": _("That sum cannot be promised. You may have %(sums)s."),
        "promise limit": _("Your spending limit is in the way of a promised payment: %(site)s/limits/"),
    }


SMS: dict[str, Callable[[Params, str], str]] = {
    "told balance": _balance,
    "told left": _left,
    "told services": _services,
    "told packages": _packages,
    "told subscriptions": _subscriptions,
    "told content": _content,
    "order called off": _called_off,
    "told tariffs": _tariffs,
    "order asked": _asked,
    "order taken": _taken,
    "order refused": _refused,
}
