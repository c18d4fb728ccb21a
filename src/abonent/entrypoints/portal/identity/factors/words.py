"""What the pages say about second factors: what happened, and what to do now."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.identity.factors.rules import (
    ChallengeGone,
    FactorError,
    FactorPaused,
    PasskeyCopied,
    TooManyPasskeys,
)
from abonent.domains.lines.rules import Hold, HoldReason
from abonent.entrypoints.portal.identity.words import moment
from abonent.web import format as formats

# What a browser calls itself, most telling first, and what people call that.
DEVICES = ("iPhone", "iPad", "Android", "Windows", "Mac", "Linux")


def of_code(error: FactorError) -> str:
    """Return what is wrong with a code of the authenticator app."""
    if isinstance(error, FactorPaused):
        return paused(error)
    return _("This is another code, or a used one. Wait for the next one, and see that the clock of the phone is right")


def of_recovery_code(error: FactorError) -> str:
    """Return what is wrong with a recovery code."""
    if isinstance(error, FactorPaused):
        return paused(error)
    return _("This is no code of yours, or it was used already. Take another one from your list")


def of_passkey(error: FactorError) -> str:
    """Return why a passkey did not work."""
    if isinstance(error, ChallengeGone):
        return _("The page was open for too long or was used already. Try again")
    if isinstance(error, PasskeyCopied):
        return _("This passkey looks like a copy: we do not take it. Get in another way and remove it under Security")
    if isinstance(error, TooManyPasskeys):
        return _("There are as many passkeys as fit. Remove one that you do not use")
    return _("This passkey does not fit. Take another one, or get in another way")


def paused(error: FactorPaused) -> str:
    """Return until when no code is taken."""
    return _("Too many wrong codes. Try again %(when)s, or prove yourself another way") % {"when": moment(error.until)}


def held(hold: Hold) -> str:
    """Return why an SMS proves nothing now, and until when."""
    if hold.reason is HoldReason.SIM:
        said = _("The SIM of this number was replaced lately. To be safe, a code by SMS is not enough until %(when)s")
    else:
        said = _("Call forwarding was changed lately. To be safe, a code by SMS is not enough until %(when)s")
    return said % {"when": formats.moment(hold.until)}


def device_named(agent: str) -> str:
    """Return a first name for a passkey made in this browser."""
    return next((name for name in DEVICES if name in agent), _("My device"))


def codes_left(count: int) -> str:
    """Return how many recovery codes are left."""
    return ngettext("%(num)s recovery code is left", "%(num)s recovery codes are left", count) % {"num": count}


def pin_tries_left(count: int) -> str:
    """Return what a wrong PIN costs."""
    left = ngettext("%(num)s try is left", "%(num)s tries are left", count) % {"num": count}
    return _("This is another PIN; %(left)s") % {"left": left}


def pin_asked_again() -> str:
    """Return what to do when the page was not the latest one."""
    return _("The app asked anew meanwhile. Enter the PIN once more")


def pin_not_made() -> str:
    """Return what to do when the device gave no key."""
    return _("The PIN was not set. Try again; if that does not help, update the browser of the phone")
