"""What the pages say about families that share a package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.billing.families.rules import INVITED_FOR, Refusal
from abonent.domains.billing.family_pays.queries import Pay
from abonent.domains.catalog.family_rules import Family
from abonent.entrypoints.portal.packages import words as packages
from abonent.web import format as formats


def said(query: Mapping[str, object]) -> str:
    """Return what has just happened."""
    told = {
        "invited": _("Done. If this is a number of ours, an invitation is on its way; it is good for 7 days"),
        "agreed": _("Done. The number is in your family; when that begins stands below"),
        "withdrawn": _("The invitation is called off"),
        "kept": _("Saved. New limits hold from now on; what was used before stays"),
        "removed": _("Done. The number takes nothing more from your package"),
        "joined": _("Done. Your number uses the family package; when that begins stands below"),
        "refused": _("You refused. They cannot ask you again for 14 days"),
        "payer-asked": _("Asked. Until the number agrees, and its day has come, you pay as before"),
        "payer-agreed": _("Done. The day from which you pay stands below; until then you can refuse"),
        "payer-refused": _("You do not pay for the family. All stays as it is"),
        "payer-withdrawn": _("Called off. You pay for the family as before"),
        "left": _("You left the family. What your number has itself stays"),
    }
    return next((words for name, words in told.items() if name in query), "")


def why_not(refusal: Refusal) -> str:
    """Return what is in the way, and the way out."""
    return {
        Refusal.NO_SERVICE: _("Connect the service for families first: its price and terms stand on its page"),
        Refusal.PAUSED: _("The service is paused until its fee is paid. Top up your balance first"),
        Refusal.SELF: _("This is your own number. Enter another one"),
        Refusal.FULL: _("There is no place left in the family. One must become free first"),
        Refusal.ALREADY: _("This number is in the family already, or has your invitation"),
        Refusal.LEFT_ALONE: _("This number refused lately and is not asked again for 14 days"),
        Refusal.INVITATIONS: _("Too many invitations were sent. Another one can be sent tomorrow"),
        Refusal.IN_A_FAMILY: _("This number is in a family already. Leave that one first"),
        Refusal.TARIFF: _("The tariff of this number cannot be in a family. Another tariff may"),
        Refusal.LATE: _("This invitation is not open any more. Ask for another one"),
        Refusal.GONE: _("This number is not in the family any more"),
        Refusal.POOR: _("Your balance is less than the fee. Top up first, then agree"),
        Refusal.HAS_SERVICE: _("Your number has a family of its own. Disconnect that service first"),
        Refusal.CHANGED: _("The day has changed meanwhile. Look at it once more, then answer"),
        Refusal.BLOCKED: _("This number is blocked. Unblock it first"),
    }[refusal]


def terms(family: Family) -> list[str]:
    """Return the terms of a family, sentence by sentence."""
    most = ngettext(
        "Up to %(number)s number beside yours.", "Up to %(number)s numbers beside yours.", family.members_most
    ) % {"number": family.members_most}
    order = (
        _("A member takes from the family package first, then from what it has itself.")
        if family.common_first
        else _("A member takes from what it has itself first, then from the family package.")
    )
    return [
        most,
        order,
        _("Gifts and what is without limit are not shared."),
        _("The owner sees how much each has used of the package, never whom they call or what they open."),
    ]


def used(bucket: str, amount: int, limit: int | None) -> str:
    """Return how much was taken: `3 из 5 ГБ`, or without a limit `3 ГБ`."""
    if limit is None:
        return packages.quantity(bucket, amount)
    return _("%(used)s of %(limit)s") % {
        "used": packages.quantity(bucket, amount),
        "limit": packages.quantity(bucket, limit),
    }


def begins(since: datetime, at: datetime) -> str:
    """Return since when somebody is in the family, or from when it will be."""
    words = _("from %(moment)s") if since > at else _("since %(moment)s")
    return words % {"moment": formats.moment(since)}


def waits(asked_at: datetime) -> str:
    """Return until when an invitation waits."""
    return _("waits until %(day)s") % {"day": formats.day(asked_at + INVITED_FOR)}


def pays(pay: Pay | None) -> str:
    """Return how much of the other's costs are paid; empty: nothing is agreed."""
    if pay is None:
        return ""
    about = {"spent": formats.money(pay.spent_minor), "cap": formats.money(pay.cap_minor)}
    return _("You pay for it: %(spent)s of %(cap)s this month") % about
