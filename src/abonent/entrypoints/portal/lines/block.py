"""A number blocked by its owner's wish: how it stands, the question with all that follows, the order, the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.identity import journal
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions
from abonent.domains.orders.blocks import actions as blocks
from abonent.domains.orders.blocks import queries as blocks_queries
from abonent.entrypoints.portal.lines import block_page
from abonent.entrypoints.portal.lines.block_page import Asked
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

TEMPLATES = "portal/lines/"
ADDRESS = "/lines/block/"
CHANNEL = "web"


@dataclass(frozen=True, slots=True)
class _Form:
    """What the question carries: its id, the line it spoke of, the days, the terms, for how much in the end."""

    order_id: UUID
    line: Line
    first: date | None
    end: date
    rules_id: int
    total_minor: int

    @classmethod
    def read(cls, sent: QueryDict, visitor: Visitor) -> Self:
        """Return the form that was sent, or raise `ValueError`."""
        line_id, rules_id, total = (int(sent.get(name, "")) for name in ("line", "rules", "total_minor"))
        line = next((line for line in visitor.lines if line.id == line_id), None)
        if line is None:
            raise ValueError("another's line")
        first, end = sent.get("first", ""), date.fromisoformat(sent.get("end", ""))
        return cls(UUID(sent.get("id", "")), line, date.fromisoformat(first) if first else None, end, rules_id, total)


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what bars the number, why and until when, and what can be done: lost, blocked for a while, lifted."""
    said = next((name for name in ("found", "ended", "shorter", "day") if name in request.GET), "")
    return _overview(request, visitor, said=said)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask, with all that follows, whether the number is to be blocked on those days; then order it."""
    if request.method == "POST":
        return _ordered(request, visitor)
    asked = Asked.read(request.GET)
    if asked.problems:
        return _overview(request, visitor, asked)
    at = now()
    try:
        standing = blocks_queries.standing(visitor.line, asked.first, asked.end, at)
    except blocks_queries.NotOffered:
        return HttpResponseRedirect(ADDRESS)
    if problems := block_page.wrong_days(standing):
        return _overview(request, visitor, asked.with_problems(problems))
    page = block_page.question(standing, visitor.line, asked, uuid4())
    return render(request, f"{TEMPLATES}block_new.html", {"visitor": visitor, "page": page})


@require_POST
@signed_in
def end(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Lift the block at once, or let it end on a day sooner than it would."""
    line, at = visitor.line, now()
    if request.POST.get("line") != f"{line.id}":
        return HttpResponseRedirect(ADDRESS)
    if request.POST.get("when") != "day":
        blocks.lift(line=line, by=journal.OWNER, at=at)
        return HttpResponseRedirect(f"{ADDRESS}?ended")
    try:
        blocks.lift_on(line=line, day=block_page.day_of(request.POST.get("day", "").strip()), at=at)
    except (ValueError, TypeError, OverflowError, blocks.WrongDay):
        return _overview(request, visitor, said="day", status=422)
    return HttpResponseRedirect(f"{ADDRESS}?shorter")


def _ordered(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    try:
        form = _Form.read(request.POST, visitor)
    except (ValueError, OverflowError):
        words = _("The form came incomplete, and nothing was ordered. Choose the days again")
        return _overview(request, visitor, problem=words, status=400)
    wish = blocks.Wish(
        order_id=form.order_id,
        line=form.line,
        first=form.first,
        end=form.end,
        rules_id=form.rules_id,
        total_minor=form.total_minor,
        channel=CHANNEL,
        account_id=visitor.account_id,
    )
    try:
        placed = blocks.place(wish=wish, at=now())
    except blocks.Refused as refused:
        words = block_page.refused(refused.refusal).words
        return _overview(request, visitor, problem=_("Nothing was ordered. %(why)s") % {"why": words}, status=409)
    except actions.Changed:
        words = _("The terms have changed since, and nothing was ordered. Choose the days again")
        return _overview(request, visitor, problem=words, status=409)
    except actions.DifferentOrder:
        words = _("This form was used before, and nothing was ordered now")
        return _overview(request, visitor, problem=words, status=409)
    return HttpResponseRedirect(f"/orders/{placed.id}/")


def _overview(
    request: HttpRequest,
    visitor: Visitor,
    asked: Asked | None = None,
    *,
    said: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    at, line = now(), visitor.line
    try:
        standing = blocks_queries.standing(line, None, None, at)
    except blocks_queries.NotOffered:
        standing = None
    page = block_page.overview(line, bars_queries.standing(line.id), standing, asked, at)
    context = {"visitor": visitor, "page": page, "said": said, "problem": problem}
    return render(request, f"{TEMPLATES}block.html", context, status=status)
