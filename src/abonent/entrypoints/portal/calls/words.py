"""Forwarding in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.orders.forwarding.rules import Why

SAID: Mapping[str, Callable[[], str]] = {
    "waits": lambda: _("Forwarding begins in 10 minutes. Until then you can stop it here."),
    "asked": lambda: _("It is done within a few minutes."),
    "stopped": lambda: _("It is stopped. Nothing was changed."),
    "late": lambda: _("It was too late to stop it. You can remove the forwarding as soon as it is on."),
    "sent": lambda: _("The settings are sent by SMS."),
    "enough": lambda: _("The settings were sent three times today. Look at the messages of the phone, or copy them."),
}
NOT_DONE = frozenset({"late", "enough"})


def condition(name: str) -> str:
    """Return when calls go elsewhere, as the title of a row."""
    return {
        "all": pgettext("forwarding", "All calls"),
        "busy": pgettext("forwarding", "When the line is busy"),
        "no answer": pgettext("forwarding", "When nobody answers"),
        "unreachable": pgettext("forwarding", "When the phone is off or out of reach"),
    }[name]


def refused(why: Why) -> str:
    """Return why forwarding stays as it is, and what to do."""
    return {
        Why.NOT_MOBILE: lambda: _("Calls are forwarded from mobile numbers only."),
        Why.NO_NETWORK: lambda: _("Forwarding cannot be changed here right now. Try again later, or call us."),
        Why.BLOCKED: lambda: _("This number is blocked: nothing can be forwarded. Lift the block first."),
        Why.ON_THE_WAY: lambda: _("A change of this forwarding is on its way. Wait for it, or stop it."),
        Why.SELF: lambda: _("This is the number itself. Enter another one"),
        Why.FOREIGN: lambda: _("Calls are not forwarded to other countries. Enter a number of this country"),
        Why.SPECIAL: lambda: _("Calls are not forwarded to paid, free and service numbers. Enter an ordinary one"),
        Why.ALREADY: lambda: _("Calls go to this number already. Enter another one"),
        Why.NOTHING: lambda: _("There is nothing to remove: these calls come to your phone."),
    }[why]()


def bad_number(reason: str, typed: str) -> str:
    """Return what is wrong with what was typed."""
    if reason == "too_short" and sum(character.isdigit() for character in typed) <= SHORT_DIGITS:
        return _("Calls are not forwarded to short numbers. Enter a whole one: 10 digits after +7")
    return {
        "empty": _("Enter the number that calls are to go to"),
        "letters": _("Enter the number in digits, without letters"),
        "too_short": _("Enter the whole number: 10 digits after +7"),
        "too_long": _("There are too many digits: 10 are needed after +7"),
        "impossible": _("There is no such number. Check the digits"),
    }[reason]


SHORT_DIGITS = 6
