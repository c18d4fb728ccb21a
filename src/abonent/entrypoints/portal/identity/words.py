"""What the pages say about codes: what happened, and what to do now."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.identity.rules import (
    Channel,
    CodeError,
    CodeExpired,
    CodeSpent,
    CodeUsed,
    Refusal,
    TooMany,
    WrongCode,
)
from abonent.foundation import clock
from abonent.web import format as formats

COUNTED_DOWN = timedelta(minutes=2)


def problem(error: CodeError, *, number: bool = True) -> str:
    """Return what is wrong with the code, in one or two short sentences; see `refused`."""
    if isinstance(error, TooMany):
        return refused(error, number=number)
    if isinstance(error, WrongCode) and error.tries_left > 0:
        left = ngettext("%(num)s try is left", "%(num)s tries are left", error.tries_left) % {"num": error.tries_left}
        return _("This is another code. Check the message; %(left)s") % {"left": left}
    if isinstance(error, WrongCode | CodeSpent):
        return _("The code was entered wrong three times and is no good any more. Ask for a new one")
    if isinstance(error, CodeExpired):
        return _("The code was good for 10 minutes and is too old now. Ask for a new one")
    if isinstance(error, CodeUsed):
        return _("This code was used already. Ask for a new one")
    raise TypeError(f"no words for {error!r}")


def asked_since() -> str:
    """Return what to do when the form was one of an earlier code."""
    return _("Another code was asked for since, in another tab. Enter the code of the request named above")


def title(*, blocked: bool, dead: bool, channel: Channel = Channel.SMS) -> str:
    """Return the heading of the page of a code: what there is to do now."""
    if blocked:
        return _("Codes do not help right now")
    if dead:
        return _("You need a new code")
    # A call says the code that the SMS brings: both are on their way.
    return {
        Channel.SMS: _("Enter the code from the SMS"),
        Channel.EMAIL: _("Enter the code from the e-mail"),
    }.get(channel) or _("Enter the code")


def refused(error: TooMany, *, number: bool = True) -> str:
    """Return why no code is sent or checked now, and when to try again; of a `number`, or of an address."""
    if not number and error.refusal is not Refusal.BUSY:
        return _refused_address(error)
    if error.until is None:
        return _("Codes do not open this number any more. Call %(number)s, it is free of charge") % {
            "number": settings.SUPPORT_NUMBER
        }
    when = moment(error.until)
    if error.refusal is Refusal.FAILURES:
        return _("Too many wrong codes for this number. Try again %(when)s") % {"when": when}
    if error.refusal is Refusal.BUSY:
        return _("Too many codes are asked for right now. Try again %(when)s") % {"when": when}
    return _("Too many codes were sent to this number. A new one can be asked for %(when)s") % {"when": when}


def _refused_address(error: TooMany) -> str:
    if error.until is None:
        return _("Codes do not open this address any more. Enter with your number")
    when = {"when": moment(error.until)}
    if error.refusal is Refusal.FAILURES:
        return _("Too many wrong codes for this address. Try again %(when)s") % when
    return _("Too many codes were sent to this address. A new one can be asked for %(when)s") % when


def moment(until: datetime) -> str:
    """Return `after 14:05`, with the day when it is not today; rounded up, so that it is not too early."""
    shown = until + timedelta(seconds=59)
    time = formats.clock(shown) if localdate(shown) == localdate(clock.now()) else formats.moment(shown)
    return _("after %(time)s") % {"time": time}


def seconds_left(error: TooMany | None, now: datetime) -> int:
    """Return how many seconds a page counts down until the next code, 0 when there is nothing to count."""
    if error is None or error.refusal is not Refusal.SENDS or error.until is None:
        return 0
    wait = error.until - now
    return max(1, round(wait.total_seconds())) if wait <= COUNTED_DOWN else 0


def countdown(seconds: int) -> str:
    """Return `0:42`."""
    return f"{seconds // 60}:{seconds % 60:02}"


def life(expires_at: datetime) -> str:
    """Return how long the code is good, and what not to do with it."""
    return _("The code is good for 10 minutes, until %(time)s. Tell it to nobody, not even to our staff") % {
        "time": formats.clock(expires_at)
    }
