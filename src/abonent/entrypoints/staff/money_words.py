"""What money that two of staff agree on is called on their pages."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.billing.corrections_rules import Kind
from abonent.domains.support.corrections_queries import Proposal, State
from abonent.domains.support.rules import Refusal
from abonent.web import format as formats

_REASONS: dict[str, Callable[[], str]] = {
    "wrong charge": lambda: _("A wrong charge"),
    "double charge": lambda: _("Charged twice"),
    "service failed": lambda: _("The service did not work"),
    "not ordered": lambda: _("A service that was not ordered"),
    "goodwill": lambda: _("To make good for the trouble"),
    "credited by mistake": lambda: _("Credited by mistake"),
    "not charged": lambda: _("Used and not charged"),
    "paid by mistake": lambda: _("Paid by mistake"),
    "paid twice": lambda: _("Paid twice"),
    "not needed": lambda: _("The money is not needed here"),
    "contract ends": lambda: _("The contract ends"),
    "other": lambda: _("Another reason"),
}


def kind(of: Kind) -> str:
    """Return what is proposed."""
    return {
        Kind.CREDIT: _("Put on the account"),
        Kind.DEBIT: _("Take from the account"),
        Kind.REFUND: _("Give a payment back"),
    }[of]


def reason(code: str) -> str:
    """Return why; a code without words as it stands."""
    named = _REASONS.get(code)
    return named() if named else code


def state(of: State) -> str:
    """Return how a proposal stands."""
    return {
        State.WAITS: _("Waits for a second person"),
        State.EXPIRED: _("Nobody decided in time"),
        State.DECLINED: _("Declined"),
        State.UNDER_WAY: _("Agreed, the gateway is giving it back"),
        State.POSTED: _("Done"),
        State.FAILED: _("Agreed, but not done"),
    }[of]


def failed(why: str) -> str:
    """Return why a refund that was agreed to was not done, and what to do."""
    if why == Refusal.NOT_REFUNDABLE.value:
        return _("So much of the payment is not left to give back any more. Look at the payment, and propose less.")
    if why == "bank":
        return _("The gateway refused it, the money is on the account again. Propose it anew, or ask the gateway.")
    return why


def signed(proposal: Proposal) -> str:
    """Return the sum with the sign that the customer sees."""
    minor = proposal.amount_minor if proposal.kind is Kind.CREDIT else -proposal.amount_minor
    return formats.money(minor, sign=True)
