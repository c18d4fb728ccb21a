"""What is said of home internet and TV: when a technician comes, and that a card was activated anew."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _visit(params: Params, _secret: str) -> str:
    said = {
        "from": words.moment(params["starts"]), "until": words.clock(params["ends"]),
        "where": f"{words.site()}/visits/{params['id']}/",
    }  # fmt: skip
    return {
        "booked": _("A technician comes on %(from)s–%(until)s. To move it or call it off: %(where)s"),
        "moved": _("The technician comes on %(from)s–%(until)s now. See %(where)s"),
        "soon": _("A technician comes on %(from)s–%(until)s. Somebody has to be at home. See %(where)s"),
        "on the way": _("The technician is on the way to you. See %(where)s"),
        "cancelled": _("The visit of %(from)s is called off: nobody comes. See %(where)s"),
    }[params["what"]] % said


def _activation(params: Params, _secret: str) -> str:
    said = {"number": params["number"], "where": f"{words.site()}/activation/"}
    if params["failed"]:
        return _("The card of %(number)s could not be activated anew. Write to us: %(where)s") % said
    return _("The card of %(number)s is activated anew. Leave the receiver on for ten minutes on any channel.") % said


def _equipment(params: Params, _secret: str) -> str:
    about = {
        "model": params["model"], "serial": params["serial"], "act": params["act"], "sum": words.money(params["sum"]),
        "where": f"{words.site()}/equipment/",
    }  # fmt: skip
    told = {
        "given": _("%(model)s, serial %(serial)s, was handed out to you, act %(act)s.") % about,
        "returned": _("%(model)s, serial %(serial)s, came back to us, act %(act)s.") % about,
        "exchanged": _("%(model)s was exchanged for the one with serial %(serial)s, act %(act)s.") % about,
    }[params["what"]]
    paid = ""
    if params["what"] == "given":
        paid = _paid(params["held"], params["parts"]) % about
    return " ".join(part for part in (told, paid, _("See %(where)s") % about) if part)


def _paid(held: str, parts: str) -> str:
    if held == "own":
        return _("It costs nothing.")
    if held == "rented":
        return _("Rent: %(sum)s a month.")
    return _("Price: %(sum)s.") if parts == "1" else _("By instalments: %(sum)s.")


SMS: dict[str, Callable[[Params, str], str]] = {"visit": _visit, "activation": _activation, "equipment": _equipment}
