"""What money that two of staff agree on is called on their pages."""

from __future__ import annotations

from django.utils.translation import gettext as _

from abonent.domains.billing.corrections.rules import Kind
from abonent.domains.support.corrections.queries import Proposal, State
from abonent.domains.support.rules import Refusal
from abonent.web import format as formats


def kind(of: Kind) -> str:
    """Return what is proposed."""
    return {
        Kind.CREDIT: _("Put on the account"),
        Kind.DEBIT: _("Take from the account"),
        Kind.REFUND: _("Give a payment back"),
    }[of]


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
