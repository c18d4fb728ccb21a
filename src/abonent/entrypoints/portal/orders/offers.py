"""Services of a line: the list, and one of them with all that connecting or disconnecting it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.billing import products as money
from abonent.domains.catalog.offers.shelves import PAGES_MAX, WORDS_LENGTH_MAX, Look
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions, queries
from abonent.domains.orders.rules import Action, of_service
from abonent.entrypoints.portal.orders import service_page, shop_page
from abonent.entrypoints.portal.orders.placing import placed
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

TEMPLATES = "portal/orders/"
CHANNEL = "web"
NUMBER_MAX = 2**62


@dataclass(frozen=True, slots=True)
class _Form:
    """What the question carries: its id, the line it spoke of, what is wanted, on what terms, for how much, when."""

    order_id: UUID
    line: Line
    action: Action
    version_id: int
    total_minor: int
    effective_at: datetime | None

    @classmethod
    def read(cls, sent: QueryDict, visitor: Visitor) -> Self:
        """Return the form that was sent, or raise `ValueError`."""
        line_id, version_id, total = (int(sent.get(name, "")) for name in ("line", "version", "total_minor"))
        line = next((line for line in visitor.lines if line.id == line_id), None)
        if line is None or not 0 <= version_id < NUMBER_MAX:
            raise ValueError("another's line, or no version")
        shown = sent.get("effective_at", "")
        effective_at = datetime.fromisoformat(shown) if shown else None
        if effective_at is not None and effective_at != money.next_period(line, now()):
            # The period that was shown has begun: that is another day, and another price.
            raise ValueError("another day")
        return cls(UUID(sent.get("id", "")), line, of_service(sent.get("action", "")), version_id, total, effective_at)


@require_safe
@signed_in
def shop(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what the line has, what is on the way to it, and what else is sold, by category."""
    at = now()
    page = shop_page.present(queries.shop(visitor.line, at, _look(request)))
    return render(request, f"{TEMPLATES}services.html", {"visitor": visitor, "page": page})


def _look(request: HttpRequest) -> Look:
    """Return what is asked for; what nobody can ask for is the beginning of it."""
    typed = " ".join(request.GET.get("q", "").replace("\0", "")[:WORDS_LENGTH_MAX].split())
    category, page = request.GET.get("category", "").replace("\0", "")[:40], request.GET.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    return Look("" if typed else category, typed, max(1, min(number, PAGES_MAX)))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def service(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    """Show a service and all that changing it means; place the order when the form says so."""
    if request.method == "POST":
        return _ordered(request, visitor, code)
    return _page(request, visitor, code)


def _ordered(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    return placed(
        lambda: _wish(_Form.read(request.POST, visitor), visitor),
        lambda wish: actions.place(wish=wish, at=now()),
        lambda words, status: _page(request, visitor, code, words, status=status),
    )


def _wish(form: _Form, visitor: Visitor) -> actions.Wish:
    return actions.Wish(
        order_id=form.order_id,
        line=form.line,
        action=form.action,
        offer_version_id=form.version_id,
        total_minor=form.total_minor,
        effective_at=form.effective_at,
        channel=CHANNEL,
        account_id=visitor.account_id,
    )


def _page(request: HttpRequest, visitor: Visitor, code: str, problem: str = "", *, status: int = 200) -> HttpResponse:
    at = now()
    later = money.next_period(visitor.line, at)
    chosen = later if request.GET.get("when") == "next" else None
    try:
        standing = queries.standing(visitor.line, code, at, chosen)
    except queries.NoSuchOffer:
        raise Http404 from None
    page = service_page.present(standing, visitor.line, order_id=uuid4(), chosen=chosen, later=later, problem=problem)
    return render(request, f"{TEMPLATES}service.html", {"visitor": visitor, "page": page}, status=status)
