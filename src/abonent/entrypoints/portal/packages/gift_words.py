"""What the pages say about gifts: the terms, why not and what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.billing.gifts.queries import Gift
from abonent.domains.billing.gifts.rules import Giver, Refusal, Refused, Terms, giveable
from abonent.domains.billing.transfers.rules import masked
from abonent.domains.billing.transfers.states import State
from abonent.domains.catalog.rules import Bucket
from abonent.entrypoints.portal.billing import transfers_words
from abonent.entrypoints.portal.billing.transfers_words import Problem
from abonent.entrypoints.portal.packages import words
from abonent.web import format as formats

GIVE = "/packages/give/"


def why_not(reason: Refused, bucket: Bucket) -> Problem:
    """Return what is in the way of a gift, and the way out."""
    refusal = reason.refusal
    if refusal is Refusal.SHORT:
        return transfers_words.short(reason.minor)
    if refusal is Refusal.LIMIT:
        return Problem(
            _("The spending limit of this number leaves less than the fee. Raise it, or wait for the next month"),
            "/limits/",
            _("Spending limits"),
        )
    if refusal is Refusal.MORE and not reason.most:
        return Problem(_("Nothing is left that could be given"), "/packages/buy/", _("Buy a package"))
    most = words.quantity(bucket, reason.most)
    said = {
        Refusal.BLOCKED: _("A block is on. Have it lifted first: call us or come to a shop"),
        Refusal.KIND: _("This cannot be given to others"),
        Refusal.SELF: _("This is the same number. Enter somebody else's"),
        Refusal.RECEIVER: _(
            "This number cannot get it. Check the digits: only subscribers of ours can, whose tariff has use for it"
        ),
        Refusal.SMALL: _("The least gift is %(amount)s") % {"amount": most},
        Refusal.LARGE: _("At most %(amount)s can be given at a time") % {"amount": most},
        Refusal.MONTH: ngettext(
            "%(number)s gift a month: it was given. More can be given next month",
            "%(number)s gifts a month: they were given. More can be given next month",
            reason.most,
        )
        % {"number": reason.most},
        Refusal.MORE: _("You can give %(amount)s: there is no more of your own. Gifts that came to you stay yours")
        % {"amount": most},
        Refusal.UNSETTLED: _("What you used is being counted right now. Try again in a few minutes"),
    }
    return Problem(said[refusal], GIVE, _("Enter another number or amount"))


def terms(of: Terms, giver: Giver) -> list[tuple[str, str]]:
    """Return what can be given and what holds for it, as names with values."""
    facts = [
        (
            _("You can give of %(kind)s") % {"kind": words.kind(bucket)},
            words.quantity(bucket, giveable(giver.left, bucket, of)),
        )
        for bucket in of.ranges
    ]
    facts += [
        (
            _("At a time, %(kind)s") % {"kind": words.kind(bucket)},
            _("from %(least)s to %(most)s")
            % {"least": words.quantity(bucket, limits.least), "most": words.quantity(bucket, limits.most)},
        )
        for bucket, limits in of.ranges.items()
    ]
    left = max(0, of.most_a_month - giver.gifts_this_month)
    return [
        *facts,
        (_("Gifts this month"), _("%(left)s of %(most)s left") % {"left": left, "most": of.most_a_month}),
        (_("Fee for a gift"), formats.money(of.fee_minor)),
        (
            _("Who gets it can use it"),
            ngettext("for %(number)s day", "for %(number)s days", of.days) % {"number": of.days},
        ),
    ]


def ended(gift: Gift) -> str:
    """Return what became of a gift that moved nothing."""
    if gift.state is not State.REFUSED:
        return _("Nobody confirmed the gift in time. Nothing was given")
    return _("Nothing was given")


def facts(gift: Gift, *, income: bool) -> list[tuple[str, str]]:
    """Return what the receipt says."""
    number, name = (gift.number_from, gift.name_from) if income else (gift.number_to, gift.name_to)
    who = " · ".join(part for part in (name, masked(number)) if part)
    told = [(_("From whom") if income else _("To whom"), who)]
    if gift.valid_until is not None:
        told.append((_("To be used until"), words.last_day(gift.valid_until)))
    if not income:
        told.append((_("Fee for a gift"), formats.money(gift.fee_minor)))
    return [*told, (_("Number of the gift"), f"{gift.id}".upper()[:8])]
