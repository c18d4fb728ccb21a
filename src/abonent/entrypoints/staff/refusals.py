"""Why something is not done, in words for who wanted to do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from abonent.domains.support.rules import Refusal, Refused
from abonent.foundation.clock import now
from abonent.web import format as formats

Said = Callable[[], str]


def refusal(refused: Refused) -> str:
    """Return why something is not done, and what to do."""
    if refused.until is not None:
        when = refused.until + timedelta(seconds=59)
        shown = formats.clock(when) if localdate(when) == localdate(now()) else formats.moment(when)
        return _("Something was sent to this customer just now. The next can go after %(time)s.") % {"time": shown}
    if refused.most_minor is not None:
        return _REFUSED_SUMS[refused.refusal]() % {"sum": formats.money(refused.most_minor)}
    return {
        Refusal.NOT_ALLOWED: _("This is not among what you may do here."),
        Refusal.CLOSED: _("The talk is over. Open a new one to go on."),
        Refusal.NOT_CHECKED: _("Check first who it is."),
        Refusal.NEEDS_APPROVAL: _("A second person must agree first."),
        Refusal.DAY_IS_OVER: _(
            "Three answers about this customer were wrong today. The check is closed until tomorrow, by phone and in "
            "shops alike."
        ),
        Refusal.ASKED_BEFORE: _("This question was asked in this talk. Ask another one."),
        Refusal.NOT_IN_ORDER: _("A step before this one is not done yet."),
        Refusal.NO_CABINET: _("The customer has no cabinet yet. It opens by a code to the number."),
        Refusal.NO_ADDRESS: _("The customer has no confirmed e-mail address. Send it to the number."),
        Refusal.NOT_MOBILE: _("There is no mobile number here that it could go to."),
        Refusal.OTHER_DOCUMENT: _("The number was asked for with another document. No card was handed out."),
        Refusal.NO_CARD: _("This is no blank card of ours, or the number waits for none. Check the digits."),
        Refusal.BAD_OWNER: _("These cannot be the data of an owner. Ask again."),
        Refusal.OTHER_OWNER: _("By the books the two numbers are not of one owner and one region. Nothing was added."),
        Refusal.PROTECTED: _("The owner had the cabinet of that number protected. Nobody new sees it until that ends."),
        Refusal.NOT_ITS_SIM: _("This is no number of a SIM. Check the 15 digits."),
        Refusal.BUSY: _("You are in another talk. Close it first."),
        Refusal.TOO_OFTEN: _("Too much was sent to this customer lately. Try again later."),
        Refusal.NOTHING_TO_DO: _("There is nothing to do: it is so already, or there is nothing of the kind."),
        Refusal.OWN: _("You proposed it yourself: somebody else must decide."),
        Refusal.DECIDED: _("It was decided by somebody else, or its three days are over. Nothing more was done."),
        Refusal.PROPOSER_GONE: _("Who proposed it is blocked. Decline it; a colleague can propose it anew."),
        Refusal.UNDER_WAY: _("Another refund of this payment is on its way. Wait until it has ended."),
        Refusal.TAKEN: _("A colleague is working on this request now."),
        Refusal.NOT_TAKEN: _("Nobody is working on this request. Take it first."),
        Refusal.ANSWERED: _("This request is answered already."),
        Refusal.MONEY_WAITS: _("Money for it waits for a second person. When that has decided, go on from there."),
        Refusal.CHANGED: _("It was changed meanwhile, or what it takes the place of was. Look at it once more."),
        Refusal.OWN_DRAFT: _("You wrote it, or a part of it: somebody else must decide."),
        Refusal.NOT_IN_STATE: _("Somebody did something else with it meanwhile. Look at how it stands."),
        Refusal.NOT_THERE: _("There is no such charge or payment on this account."),
    }[refused.refusal]


_REFUSED_SUMS: Mapping[Refusal, Said] = {
    Refusal.BAD_SUM: lambda: _("Enter a sum from 0.01 to %(sum)s."),
    Refusal.ABOVE_CASE: lambda: _("In this talk you may propose %(sum)s more. Name the charge it puts right, or less."),
    Refusal.ABOVE_CUSTOMER: lambda: _(
        "With nothing but an agent's word this customer may get %(sum)s more within 30 days, of all agents together. "
        "Name the charge or the payment that it is about, or propose less."
    ),
    Refusal.ABOVE_DAY: lambda: _("Today you may propose %(sum)s more. Pass it on to a colleague, or propose less."),
    Refusal.ABOVE_LIMIT: lambda: _("You may agree to %(sum)s at most. Accounting decides about more."),
    Refusal.ABOVE_CHARGE: lambda: _("Of this charge %(sum)s can still be given back."),
    Refusal.SPENT: lambda: _("Only %(sum)s of the account can be taken: the rest is spent, held or lent."),
    Refusal.NOT_REFUNDABLE: lambda: _("Of this payment %(sum)s can still go back."),
}
