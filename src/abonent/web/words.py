"""Words that both sides read alike, customers and staff: what a request is about, why money is disputed or moved."""

from __future__ import annotations

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts.words import of_line
from abonent.domains.support.disputes.rules import Reason
from abonent.domains.support.requests.rules import Kind


def line_label(number: str) -> str:
    """Return what stands before the number of a line, or before the login of one by wire or dish."""
    return of_line(number, phone=_("Number"), wire=_("Connection"))


def request_kind(of: Kind) -> str:
    """Return what a request is about."""
    return {
        Kind.QUESTION: _("A question"),
        Kind.COMPLAINT: _("A complaint"),
        Kind.COVERAGE: _("Bad connection"),
        Kind.EQUIPMENT: _("Equipment and home internet"),
        Kind.ROAMING: _("Abroad"),
    }[of]


def dispute_reason(of: Reason) -> str:
    """Return why somebody does not agree, in their words."""
    return {
        Reason.NOT_MINE: _("I did not do this"),
        Reason.NOT_ORDERED: _("I did not order this service"),
        Reason.WRONG_SUM: _("The sum is wrong"),
        Reason.TWICE: _("It stands here twice"),
        Reason.FAILED: _("The service did not work"),
        Reason.OTHER: _("Something else"),
    }[of]


def correction_reason(code: str) -> str:
    """Return why staff moved money; a code without words says the least that is true."""
    return {
        "wrong charge": _("A wrong charge"),
        "double charge": _("Charged twice"),
        "service failed": _("The service did not work"),
        "not ordered": _("A service that was not ordered"),
        "goodwill": _("To make good for the trouble"),
        "credited by mistake": _("Credited by mistake"),
        "not charged": _("Used and not charged"),
        "paid by mistake": _("Paid by mistake"),
        "paid twice": _("Paid twice"),
        "not needed": _("The money is not needed here"),
        "contract ends": _("The contract ends"),
    }.get(code, _("Another reason"))
