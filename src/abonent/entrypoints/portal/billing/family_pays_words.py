"""What the pages say about paying for each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from abonent.domains.billing.family_pays.queries import FamilyState, Pay
from abonent.domains.billing.family_pays.rules import INVITED_FOR, Refusal
from abonent.domains.billing.transfers.rules import masked
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Row:
    """An agreement as one side sees it; `badge` says how it stands, `end` what the button does, empty: nothing."""

    id: str
    title: str
    about: str
    badge: str
    living: bool
    may_agree: bool
    end: str


def as_payer(pay: Pay) -> Row:
    """Return an agreement as who pays sees it; the name appears once the other side agreed."""
    active, invited = pay.state == FamilyState.ACTIVE, pay.state == FamilyState.INVITED
    about = {
        FamilyState.ACTIVE: _("%(spent)s of %(cap)s this month")
        % {"spent": formats.money(pay.spent_minor), "cap": formats.money(pay.cap_minor)},
        FamilyState.INVITED: _("Up to %(cap)s a month. If this is a number of ours, an invitation is on its way")
        % {"cap": formats.money(pay.cap_minor)},
    }.get(FamilyState(pay.state)) or _ended(pay, by_me="payer")
    badge = _("active") if active else _("waits until %(day)s") % {"day": _until(pay)} if invited else _("ended")
    end = _("End") if active else _("Call off") if invited else ""
    return Row(str(pay.id), _named(pay.member_name, pay.number), about, badge, active or invited, False, end)


def together(pays: Sequence[Pay]) -> str:
    """Return what was paid this month for the whole family, of how much at most; empty while it has nobody."""
    active = [pay for pay in pays if pay.state == FamilyState.ACTIVE]
    if not active:
        return ""
    return _("%(paid)s of %(most)s") % {
        "paid": formats.money(sum(pay.spent_minor for pay in active)),
        "most": formats.money(sum(pay.cap_minor for pay in active)),
    }


def as_member(pay: Pay) -> Row:
    """Return an agreement as who is paid for sees it."""
    invited = pay.state == FamilyState.INVITED
    about = (
        _("Offers to pay for you, up to %(cap)s a month") % {"cap": formats.money(pay.cap_minor)}
        if invited
        else _("%(spent)s of %(cap)s this month")
        % {"spent": formats.money(pay.spent_minor), "cap": formats.money(pay.cap_minor)}
    )
    badge = _("waits until %(day)s") % {"day": _until(pay)} if invited else _("active")
    title = _named(pay.payer_name, pay.payer_number)
    return Row(str(pay.id), title, about, badge, True, invited, _("Refuse") if invited else _("End"))


def rule(threshold_minor: int, portion_minor: int) -> str:
    """Return when money goes over, and how much."""
    return _(
        "When the member has less than %(threshold)s, %(portion)s at a time go over from your balance, up to the sum "
        "you set for a month. You need no code for that, so it is asked for once, at the beginning."
    ) % {"threshold": formats.money(threshold_minor), "portion": formats.money(portion_minor)}


def said(query: Mapping[str, object]) -> str:
    """Return what has just happened."""
    told = {
        "invited": _("Done. If this is a number of ours, an invitation is on its way; it is good for 7 days"),
        "agreed": _("Agreed: you are paid for from now on"),
        "ended": _("Ended, at once"),
        "late": _("This invitation is not open any more, or somebody pays for you already"),
    }
    return next((words for name, words in told.items() if name in query), "")


def why_not(refusal: Refusal) -> str:
    """Return what is in the way."""
    return {
        Refusal.BLOCKED: _("A block is on. Have it lifted first: call us or come to a shop"),
        Refusal.NOT_YOURS: _("Other numbers of this contract are not in your cabinet. Its main number can pay"),
        Refusal.BY_BILL: _("You pay by bill, so there is no money on the balance to pay with"),
        Refusal.SELF: _("This number has the same balance. Enter somebody else's number"),
        Refusal.SMALL: _("The sum for a month is too small"),
        Refusal.LARGE: _("The sum for a month is too large"),
        Refusal.MEMBERS: _("You pay for as many numbers as one may. End one of them first"),
        Refusal.ALREADY: _("You pay for this number already, or it has your invitation"),
        Refusal.INVITATIONS: _("Too many invitations were sent. Another one can be sent tomorrow"),
    }[refusal]


def _ended(pay: Pay, *, by_me: str) -> str:
    when = formats.day(pay.ended_at) if pay.ended_at else ""
    if pay.ended_by == by_me:
        return _("You ended it on %(day)s") % {"day": when}
    if pay.ended_by == "time":
        return _("Nobody answered the invitation")
    if pay.ended_by == "member" and pay.agreed_at is None:
        return _("The invitation was refused on %(day)s") % {"day": when}
    return _("Ended on %(day)s") % {"day": when}


def _until(pay: Pay) -> str:
    return formats.day(pay.invited_at + INVITED_FOR) if pay.invited_at else ""


def _named(name: str, number: str) -> str:
    return " · ".join(part for part in (name, masked(number)) if part)
