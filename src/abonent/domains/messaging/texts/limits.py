"""The texts of SMS about spending limits and prices that change. Sums come as minor units, days in ISO 8601."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.topups import money
from abonent.domains.messaging.texts.words import Params


def _limit(params: Params, _secret: str) -> str:
    """How much is spent, of how much, what that means, and where more is to be had."""
    said = {
        "number": params["number"],
        "spent": money(params["spent"]),
        "limit": money(params["limit"]),
        "day": _day(params["until"]),
        "site": words.site(),
    }
    if params["percent"] != "100":
        told = [_("%(number)s spent %(spent)s of its limit of %(limit)s this month."), _("Limits: %(site)s/limits/")]
    elif params["on_reached"] == "block":
        told = [
            _("The spending limit of %(number)s is reached: %(spent)s of %(limit)s."),
            _("Until %(day)s what costs money is off: calls, SMS and internet beyond the packages, purchases."),
            _("Raise it: %(site)s/limits/"),
        ]
    else:
        told = [
            _("The spending limit of %(number)s is reached: %(spent)s of %(limit)s."),
            _("Nothing is blocked. Limits: %(site)s/limits/"),
        ]
    return " ".join(told) % said


def _held_back(params: Params, _secret: str) -> str:
    told = _("%(other)s was not topped up from %(number)s: the spending limit of the month is reached.")
    said = {"other": params["other"], "number": params["number"], "site": words.site()}
    return f"{told % said} {_('Raise it: %(site)s/limits/') % said}"


def _prices(params: Params, _secret: str) -> str:
    """From when what costs how much; the page says the rest."""
    said = {
        "day": _day(params["day"]),
        "number": params["number"],
        "tariff": params["tariff"],
        "was": money(params["was"]),
        "fee": money(params["fee"]),
        "site": words.site(),
    }
    if params["kind"] == "tariff":
        first = words.of_line(
            params["number"],
            phone=_("From %(day)s on %(number)s has the tariff “%(tariff)s” with a fee of %(fee)s."),
            wire=_("From %(day)s on the connection %(number)s has the tariff “%(tariff)s” with a fee of %(fee)s."),
        )
    elif params["was"] != params["fee"]:
        first = words.of_line(
            params["number"],
            phone=_("From %(day)s on the fee of the tariff “%(tariff)s” of %(number)s is %(fee)s instead of %(was)s."),
            wire=_(
                "From %(day)s on the fee of “%(tariff)s” of the connection %(number)s is %(fee)s instead of %(was)s."
            ),
        )
    else:
        first = words.of_line(
            params["number"],
            phone=_("From %(day)s on other prices hold for the tariff “%(tariff)s” of %(number)s; the fee stays."),
            wire=_("From %(day)s on other prices hold for “%(tariff)s” of the connection %(number)s; the fee stays."),
        )
    return " ".join([first % said, _("All changes: %(site)s/changes/") % said])


def _day(written: str) -> str:
    return f"{date.fromisoformat(written):%d.%m.%Y}"


TEMPLATES: dict[str, Callable[[Params, str], str]] = {
    "spending limit": _limit,
    "family limit": _held_back,
    "prices change": _prices,
}
