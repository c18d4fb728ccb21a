"""The texts of SMS about fees that wait for money. Sums come as minor units, days in ISO 8601."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from babel.numbers import format_decimal
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _waits(params: Params, _secret: str) -> str:
    """What was not charged, what is missing, what that means, until when, and how to pay."""
    told = [
        _("%(missing)s are missing for the fee of the tariff “%(tariff)s” (%(sum)s), so it was not charged.")
        % {"missing": _sum(params["missing"]), "tariff": params["tariff"], "sum": _sum(params["sum"])},
        _("%(number)s is paused until there is enough; the next fee is due on %(day)s.")
        % {"number": params["number"], "day": _day(params["end"])},
    ]
    return " ".join([*told, _how_to_pay()])


def _by_day(params: Params, _secret: str) -> str:
    told = [
        _("There is not enough for a month of the tariff “%(tariff)s”.") % {"tariff": params["tariff"]},
        _("Until %(day)s the fee of %(number)s is charged day by day, about %(sum)s a day, while the money lasts.")
        % {
            "day": _day(f"{date.fromisoformat(params['end']) - timedelta(days=1)}"),
            "number": params["number"],
            "sum": _sum(params["sum"]),
        },
    ]
    return " ".join([*told, _how_to_pay()])


def _paid(params: Params, _secret: str) -> str:
    return _("The fee of the tariff “%(tariff)s” was charged: %(sum)s. %(number)s works again.") % {
        "tariff": params["tariff"],
        "sum": _sum(params["sum"]),
        "number": params["number"],
    }


def _service_waits(params: Params, _secret: str) -> str:
    """What was not charged for a service, what is missing, and what that means."""
    told = [
        _("%(missing)s are missing for the service “%(service)s” (%(sum)s), so it was not charged.")
        % {"missing": _sum(params["missing"]), "service": params["service"], "sum": _sum(params["sum"])},
        _("It is off on %(number)s until there is enough.") % {"number": params["number"]},
    ]
    return " ".join([*told, _how_to_pay()])


def _service_paid(params: Params, _secret: str) -> str:
    return _("The service “%(service)s” was charged: %(sum)s. It works again on %(number)s.") % {
        "service": params["service"],
        "sum": _sum(params["sum"]),
        "number": params["number"],
    }


def _how_to_pay() -> str:
    return _("Top up: %(site)s/topup/. What is coming: %(site)s/charges/") % {"site": words.site()}


def _sum(minor: str) -> str:
    """Return minor units as `1 259,90 ₽`, with plain blanks."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    number = format_decimal(int(minor) / 100, "#,##0.00", locale=language.replace("-", "_"))
    return f"{number} ₽".replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def _day(written: str) -> str:
    return f"{date.fromisoformat(written):%d.%m.%Y}"


TEMPLATES: dict[str, Callable[[Params, str], str]] = {
    "fee waits": _waits,
    "fee by day": _by_day,
    "fee paid": _paid,
    "service waits": _service_waits,
    "service paid": _service_paid,
}
