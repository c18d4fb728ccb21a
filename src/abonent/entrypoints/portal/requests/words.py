"""What pages of requests say: kinds, states, what is wrong with a form or a file."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.support.requests.contents import FILES_MAX, Fault
from abonent.domains.support.requests.rules import TEXT_LENGTH_MAX, Channel, Kind, TooMany, Unclear
from abonent.domains.support.requests.states import State
from abonent.web import format as formats


def hint(of: Kind) -> str:
    """Return what belongs there."""
    return {
        Kind.QUESTION: _("What you did not find in the help"),
        Kind.COMPLAINT: _("Something of ours was bad"),
        Kind.COVERAGE: _("No signal, slow internet: an engineer looks at the place"),
        Kind.EQUIPMENT: _("Router, cable, set-top box: a technician comes if need be"),
        Kind.ROAMING: _("No network or no internet on a journey"),
    }[of]


def asks(of: Kind) -> str:
    """Return what helps to answer at once."""
    return {
        Kind.QUESTION: _("The more exactly you ask, the sooner the answer helps."),
        Kind.COMPLAINT: _("What happened, when, and what should be done about it."),
        Kind.COVERAGE: _("The address, indoors or outdoors, when it is bad, what the phone shows."),
        Kind.EQUIPMENT: _("The address, what the lights show, and when a technician may come."),
        Kind.ROAMING: _("The country, the network that the phone shows, and what does not work."),
    }[of]


def icon(of: Kind) -> str:
    return {
        Kind.QUESTION: "info", Kind.COMPLAINT: "message", Kind.COVERAGE: "call", Kind.EQUIPMENT: "tools",
        Kind.ROAMING: "internet",
    }[of]  # fmt: skip


def state(of: State) -> str:
    """Return how a request stands, for who wrote it."""
    return {
        State.ACKNOWLEDGED: pgettext("request", "Received"),
        State.IN_PROGRESS: _("Being looked at"),
        State.PENDING: _("We wait for you"),
        State.RESOLVED: _("Answered"),
        State.CLOSED: pgettext("request", "Closed"),
        State.CANCELLED: _("Called off"),
    }[of]


def channel(of: Channel) -> str:
    return {
        Channel.SMS: _("By SMS"),
        Channel.EMAIL: _("By e-mail"),
        Channel.CABINET: _("Not at all: I look here"),
    }[of]


def unclear(problem: Unclear) -> str:
    """Return what to do about a field."""
    if problem.field == "subject":
        return _("Say in a few words what it is about") if problem.reason == "empty" else _("Make it shorter")
    if problem.reason == "long":
        return _("Make it shorter: up to %(number)s characters") % {"number": formats.number(TEXT_LENGTH_MAX)}
    return _("Write what happened")


def too_many(problem: TooMany) -> str:
    """Return why no more is taken, and what to do."""
    return {
        "open": _("Ten of your requests wait for an answer. Add to one of them, or call us"),
        "day": _("You have written ten requests today. Add to one of them, or call us"),
        "notes": _("You have written a lot today. Call us: together it goes faster"),
    }[problem.reason]


def fault(of: Fault) -> str:
    """Return why a file is not taken, as the end of a sentence, with what to do."""
    return {
        Fault.EMPTY: _("it is empty"),
        Fault.LARGE: _("it is larger than 10 MB; make it smaller or send a part"),
        Fault.KIND: _("only JPEG and PNG pictures, PDF and plain text are taken; make a screenshot of it"),
        Fault.LIES: _("its name promises another kind of file than it is; save it anew as JPEG, PNG, PDF or TXT"),
        Fault.BROKEN: _("it is damaged; save it anew"),
        Fault.BOMB: _("it is far too large when unpacked; send a smaller picture"),
        Fault.ACTIVE: _("something in it starts by itself; print it to PDF anew or send a screenshot"),
        Fault.LOCKED: _("it is locked by a password; send it without"),
        Fault.TWO_IN_ONE: _("there is another file in it; print it to PDF anew"),
        Fault.MANY: _("up to %(number)s files go with one form, and up to 30 a day") % {"number": FILES_MAX},
    }[of]
