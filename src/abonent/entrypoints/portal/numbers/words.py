"""What the pages say about shared numbers: roles, how one agreed, who ended it, requests."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.lines.sharing.queries import Request
from abonent.domains.lines.sharing.rules import Consent, EndedBy, Reason, RequestState, Role
from abonent.web import format as formats


def role(of: Role | str) -> str:
    """Return what a role is called; empty for one's own line."""
    return {
        "": "",
        Role.FULL: pgettext("role", "Manages"),
        Role.ACCOUNTANT: pgettext("role", "Accountant"),
        Role.CHILD: pgettext("role", "Looks after a child"),
        Role.VIEWER: pgettext("role", "Viewer"),
    }[of]


def gives(of: Role | str) -> str:
    """Return what a role gives."""
    return {
        Role.FULL: _("Balance, what is left, expenses, bills and payments; services, tariff, limits, promised payment"),
        Role.ACCOUNTANT: _("Balance, expenses, bills and payments; top-up"),
        Role.CHILD: _("Balance, what is left, expenses; services, tariff, limits; top-up"),
        Role.VIEWER: _("Balance and top-up, nothing else"),
    }[Role(of)]


def never() -> str:
    """Return what no role gives."""
    return _("Whom the number calls and writes to, passwords and the safety of the cabinet are never shared.")


def roles() -> list[tuple[str, str, str]]:
    """Return the roles to choose from, the smallest first: value, name, what it gives."""
    return [(str(one), role(one), gives(one)) for one in (Role.VIEWER, Role.ACCOUNTANT, Role.CHILD, Role.FULL)]


def consent(of: Consent) -> str:
    """Return how the owner agreed."""
    return {
        Consent.CODE: _("by a code sent to the number"),
        Consent.PASSWORD: _("by the password of the number"),
        Consent.STAFF: _("by a request: both numbers are of one owner"),
    }[of]


def ended(by: EndedBy | None) -> str:
    """Return who ended it; empty while it lives."""
    return {
        None: "",
        EndedBy.OWNER: _("The owner of the number ended it"),
        EndedBy.VIEWER: _("Whoever saw the number ended it"),
        EndedBy.NETWORK: _("It ended by itself: the SIM was replaced or the number is not served any more"),
    }[by]


def colour(of: str) -> str:
    """Return what a colour is called."""
    return {
        "": pgettext("colour", "None"),
        "teal": _("Teal"),
        "orange": _("Orange"),
        "violet": _("Violet"),
        "pink": _("Pink"),
        "grey": _("Grey"),
    }[of]


def asked(request: Request) -> str:
    """Return how a request to add a number of one's own stands."""
    if request.state is RequestState.ASKED:
        return _("We answer by %(time)s") % {"time": formats.moment(request.due_at)}
    if request.state is RequestState.APPROVED:
        return _("Added")
    return refused(request.reason)


def refused(reason: Reason | None) -> str:
    """Return why a request was refused, and what to do."""
    return {
        Reason.NOT_YOURS: _(
            "Not added: by our books it is not a number of yours. A relative’s number is added by a code"
        ),
        Reason.OTHER_REGION: _("Not added: it is a number of another region. Add it by a code sent to it"),
        Reason.DOCUMENT: _("Not added: come to a shop with your document, and it is added there"),
    }[reason or Reason.NOT_YOURS]


def said(query: Mapping[str, object]) -> str:
    """Return what has just happened."""
    told = {
        "added": _("Done: the number is in your list, and its owner is told"),
        "asked": _("Asked. We answer within 2 working days, and it is free"),
        "called-off": _("Called off"),
        "objected": _("Refused; whoever asked is told"),
        "ended": _("Ended, at once; the other side is told"),
        "kept": _("Saved"),
        "role": _("Changed, at once; the other side sees it here"),
        "own": _("This number is yours already"),
    }
    return next((words for name, words in told.items() if name in query), "")
