"""The page on which a PIN of a line is chosen, for whatever it guards; and what is wrong with one, in words."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.identity.hashing import Busy
from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.rules import Fault, Guards
from abonent.entrypoints.portal.visitor import Visitor, forget_proof
from abonent.foundation.clock import now

TYPED_MAX = 20


def choose(
    request: HttpRequest, visitor: Visitor, guards: Guards, *, here: str, back: tuple[str, str], about: str
) -> HttpResponse:
    """Ask for a new PIN and keep it, which uses the proof up; a bad one is said at its field, and the old one stays."""
    line = visitor.line
    if line.service != "mobile":
        return HttpResponseRedirect("/calls/")
    problem, status = "", HTTPStatus.OK
    if request.method == "POST":
        if request.POST.get("line") != f"{line.id}":
            raise Http404
        pin = request.POST.get("pin", "")[:TYPED_MAX].strip()
        try:
            pins.choose(line=line, guards=guards, pin=pin, account_id=visitor.account_id, at=now())
        except pins.BadPin as bad:
            problem, status = bad_pin(bad.why), HTTPStatus.UNPROCESSABLE_ENTITY
        except Busy:
            problem, status = busy(), HTTPStatus.SERVICE_UNAVAILABLE
        else:
            forget_proof(request)
            return HttpResponseRedirect(f"{back[0]}?pin")
    context = {
        "visitor": visitor, "here": here, "back_to": back, "about": about, "has": pins.of_line(line.id, guards),
        "problems": {"id_pin": problem} if problem else {},
    }  # fmt: skip
    return render(request, "portal/calls/pin.html", context, status=status)


def bad_pin(why: Fault) -> str:
    """Return why a PIN is not taken."""
    return {
        Fault.NOT_FOUR: lambda: _("Enter four digits"),
        Fault.EASY: lambda: _("A stranger would try this first. Take four other digits"),
        Fault.OF_NUMBER: lambda: _("Your number ends with these digits. Take four others"),
    }[why]()


def wrong_pin(tries_left: int) -> str:
    """Return that the PIN is wrong, and how many tries are left."""
    left = ngettext(
        "This is not the PIN: %(count)s more try, then it is locked",
        "This is not the PIN: %(count)s more tries, then it is locked",
        tries_left,
    )
    return left % {"count": tries_left}


def locked() -> str:
    """Return that nothing can be tried any more, and the way out."""
    return _("The PIN is locked after three wrong ones. Choose a new one: we ask for a proof that it is you")


def busy() -> str:
    """Return that nothing was counted."""
    return _("Too many people are here just now, and nothing was counted. Try once more in a few seconds")
