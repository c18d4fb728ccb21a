"""Call barring: how it stands, a change behind the PIN, the choice of the PIN."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.identity.hashing import Busy
from abonent.domains.lines.pins import actions as line_pins
from abonent.domains.lines.pins.rules import Guards
from abonent.domains.orders.actions import DifferentOrder
from abonent.domains.orders.barring import actions as barring
from abonent.domains.orders.barring import queries as barring_queries
from abonent.domains.orders.barring.rules import Direction, is_program
from abonent.entrypoints.portal.calls import barring_words as words
from abonent.entrypoints.portal.calls import pins
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now

HERE = "/calls/barring/"


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is barred, what is on its way, and whether there is a PIN."""
    said = next((name for name in words.SAID if name in request.GET), "")
    return _show(request, visitor, said=words.SAID[said]() if said else "")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change(request: HttpRequest, visitor: Visitor, direction: str) -> HttpResponse:
    """Ask which calls, and for the PIN; have it done."""
    way = next((one for one in Direction if one == direction), None)
    if way is None:
        raise Http404
    if visitor.line.service != "mobile":
        return HttpResponseRedirect("/calls/")
    if request.method == "POST":
        return _changed(request, visitor, way)
    found = barring_queries.overview(visitor.line)
    standing = next(one for one in found.standings if one.direction is way)
    if found.pin is None or not found.pin.tries_left:
        return HttpResponseRedirect(f"{HERE}pin/")
    if standing.coming is not None:
        return _show(request, visitor, problem=words.on_the_way(), status=HTTPStatus.CONFLICT)
    return _form(request, visitor, way, standing.program, {})


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof
def pin(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Choose the PIN, which lifts a lock."""
    about = _(
        "Whoever has the phone in hand can change call barring only with this PIN: a child, for example, cannot lift "
        "it. Three wrong ones lock it until you choose a new one here."
    )
    return pins.choose(
        request, visitor, Guards.BARRING, here=f"{HERE}pin/", back=(HERE, _("Call barring")), about=about
    )


def _changed(request: HttpRequest, visitor: Visitor, way: Direction) -> HttpResponse:
    line = visitor.line
    if request.POST.get("line") != f"{line.id}":
        raise Http404
    program = request.POST.get("program", "-")[:40]
    if not is_program(way, program):
        return _form(
            request, visitor, way, "", {"id_program": _("Choose which calls")}, HTTPStatus.UNPROCESSABLE_ENTITY
        )
    try:
        wish = barring.Wish(UUID(request.POST.get("id", "")), line, way, program, visitor.account_id)
    except ValueError:
        problem = _("The form came incomplete, and nothing was changed")
        return _show(request, visitor, problem=problem, status=HTTPStatus.BAD_REQUEST)
    try:
        barring.change(wish=wish, pin=request.POST.get("pin", "")[: pins.TYPED_MAX].strip(), at=now())
    except line_pins.WrongPin as wrong:
        said = {"id_pin": pins.wrong_pin(wrong.tries_left)}
        return _form(request, visitor, way, program, said, HTTPStatus.UNPROCESSABLE_ENTITY)
    except line_pins.PinLocked:
        return _show(request, visitor, problem=pins.locked(), status=HTTPStatus.CONFLICT)
    except Busy:
        return _form(request, visitor, way, program, {"id_pin": pins.busy()}, HTTPStatus.SERVICE_UNAVAILABLE)
    except barring.Refused as refused:
        return _show(request, visitor, problem=words.refused(refused.why), status=HTTPStatus.CONFLICT)
    except DifferentOrder:
        problem = _("This form was used before, and nothing was changed now")
        return _show(request, visitor, problem=problem, status=HTTPStatus.CONFLICT)
    return HttpResponseRedirect(f"{HERE}?asked")


def _form(
    request: HttpRequest, visitor: Visitor, way: Direction, chosen: str, problems: dict[str, str], status: int = 200
) -> HttpResponse:
    context = {
        "visitor": visitor, "way": way.value, "title": words.direction(way), "choices": words.choices(way, chosen),
        "problems": problems, "form_id": uuid4(), "notes": words.notes(way),
    }  # fmt: skip
    return render(request, "portal/calls/barring_change.html", context, status=status)


def _show(
    request: HttpRequest, visitor: Visitor, *, said: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    found = barring_queries.overview(visitor.line) if visitor.line.service == "mobile" else None
    context = {
        "visitor": visitor, "rows": words.rows(found) if found else [], "found": found, "said": said,
        "problem": problem, "locked": bool(found and found.pin and not found.pin.tries_left),
    }  # fmt: skip
    return render(request, "portal/calls/barring.html", context, status=status)
