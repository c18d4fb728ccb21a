"""The page that measures the speed, open to everybody; results, and for who is signed in a history of them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from abonent.domains.identity.rules import address_prefix
from abonent.domains.lines.speed import actions as speed
from abonent.domains.lines.speed import queries as speed_queries
from abonent.domains.lines.speed import rules as speed_rules
from abonent.domains.lines.speed.actions import Asker
from abonent.domains.lines.speed.rules import MB, MOST, Measured, Size, Why
from abonent.entrypoints.portal.speed import page, pieces, tickets, words
from abonent.entrypoints.portal.visitor import Visitor, visitor_unhindered
from abonent.foundation.clock import now
from abonent.web.address import address_of

HERE = "/speed/"
STATUS = {Why.BUSY: 503, Why.HERE: 409, Why.OFTEN: 429}
FILE_MB = MOST[Size.FILE].down_bytes // MB


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Say how much is moved and what it costs, and let the browser measure."""
    return _overview(request, visitor_unhindered(request))


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Take a place for a test, and tell the browser its ticket and limits; or why not now."""
    try:
        size = Size(request.POST.get("size", Size.SMALL))
    except ValueError:
        size = Size.SMALL
    if size is Size.FILE:
        size = Size.SMALL
    try:
        test_id = speed.start(asker=_asker(request), size=size, at_once=settings.SPEED_TESTS, at=now())
    except speed.Refused as refused:
        return _kept_nowhere(JsonResponse({"problem": words.refused(refused.why)}, status=STATUS[refused.why]))
    most = MOST[size]
    return _kept_nowhere(JsonResponse({
        "ticket": tickets.ticket(test_id, size), "downBytes": most.down_bytes, "upBytes": most.up_bytes,
        "downStreams": speed_rules.STREAMS_DOWN, "upStreams": speed_rules.STREAMS_UP,
        "downPiece": speed_rules.PIECE_DOWN_MAX, "upPiece": speed_rules.PIECE_UP_MAX,
        "seconds": speed_rules.DIRECTION_S, "receipt": tickets.RECEIPT_BYTES,
    }))  # fmt: skip


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Give the place back: who measured has stopped, or left the page."""
    if (test := tickets.read(request.POST.get("ticket", ""))) is not None:
        speed.stop(test_id=test[0], at=now())
    return _kept_nowhere(HttpResponse(status=204))


@require_POST
def done(request: HttpRequest) -> HttpResponse:
    """Take the result and show it; a form sent twice is one."""
    visitor, test = visitor_unhindered(request), tickets.read(request.POST.get("ticket", ""))
    said = {name: _whole(request.POST.get(name, "")) for name in Measured.__slots__}
    if test is None:
        return _overview(request, visitor, _("The measurement took too long, and nothing was kept. Measure again"), 409)
    try:
        speed.finish(test_id=test[0], measured=Measured(**said), at=now())
    except speed.Gone:
        return _overview(request, visitor, _("The measurement was stopped, and nothing was kept. Measure again"), 409)
    except speed_rules.Implausible:
        return _overview(request, visitor, _("The result came incomplete, and nothing was kept. Measure again"), 422)
    return HttpResponseRedirect(f"{HERE}{test[0]}/")


@require_safe
def one(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Show a result, what it is enough for, and where to go when it is bad."""
    visitor = visitor_unhindered(request)
    found = speed_queries.result(test_id, visitor.account_id if visitor else None)
    if found is None:
        raise Http404
    context = {"visitor": visitor, "page": page.shown(found), "own": found.own, "kept_days": speed_rules.KEPT.days}
    return _kept_nowhere(render(request, "portal/speed/result.html", context))


@require_GET
def file(request: HttpRequest) -> HttpResponse:
    """Hand out a file of known size, for browsers that run no script."""
    try:
        test_id = speed.start(asker=_asker(request), size=Size.FILE, at_once=settings.SPEED_TESTS, at=now())
    except speed.Refused as refused:
        return _overview(request, visitor_unhindered(request), words.refused(refused.why), STATUS[refused.why])
    length = MOST[Size.FILE].down_bytes
    speed.hand_out(test_id=test_id, size=Size.FILE, stream=0, number=0, length_bytes=length, at=now())
    speed.stop(test_id=test_id, at=now())
    response = HttpResponse(pieces.noise(length), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="speed-{FILE_MB}-MB.bin"'
    response["Cache-Control"] = "no-store, no-transform"
    return response


def _overview(request: HttpRequest, visitor: Visitor | None, problem: str = "", status: int = 200) -> HttpResponse:
    wired = visitor is not None and not visitor.shared and visitor.line.service == "internet"
    history = speed_queries.history(visitor.account_id) if visitor else []
    context = {
        "visitor": visitor, "problem": problem, "choices": page.choices(wired=wired),
        "rows": page.rows(history, visitor.lines if visitor else []), "free": settings.SPEED_IS_FREE,
        "seconds": 2 * speed_rules.DIRECTION_S, "file_mb": FILE_MB, "file_mbit": FILE_MB * 8,
        "kept_days": speed_rules.KEPT.days,
    }  # fmt: skip
    return _kept_nowhere(render(request, "portal/speed/speed.html", context, status=status))


def _asker(request: HttpRequest) -> Asker:
    visitor = visitor_unhindered(request)
    if visitor is None:
        # Of those who share a home one measures at a time; of a whole network of an operator's several may.
        address = address_of(request)
        return Asker(address=address_prefix(address) if ":" in address else address)
    return Asker(account_id=visitor.account_id, line=None if visitor.shared else visitor.line)


def _kept_nowhere(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


def _whole(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 12 else 0
