"""A change of the tariff: all that it means beforehand, for each moment when it may begin, and its order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from abonent.domains.billing import products as money
from abonent.domains.lines.queries import Line
from abonent.domains.orders import queries
from abonent.domains.orders.tariffs import actions as tariffs
from abonent.domains.orders.tariffs import queries as tariffs_queries
from abonent.entrypoints.portal.orders.placing import placed
from abonent.entrypoints.portal.tariffs import order_page
from abonent.entrypoints.portal.tariffs.order_page import Chosen
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

TEMPLATE = "portal/tariffs/order.html"
CHANNEL = "web"
NUMBER_MAX = 2**62


@dataclass(frozen=True, slots=True)
class _Form:
    """What the question carries: its id, the line it spoke of, the version, for how much in the end, when."""

    order_id: UUID
    line: Line
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
        if effective_at is not None and effective_at.tzinfo is None:
            raise ValueError("a moment without its time zone")
        return cls(UUID(sent.get("id", "")), line, version_id, total, effective_at)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def order(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    """Show all that changing to the tariff means; place the order when the form says so."""
    if request.method == "POST":
        return _ordered(request, visitor, code)
    return _page(request, visitor, code)


def _ordered(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    return placed(
        lambda: _wish(_Form.read(request.POST, visitor), visitor),
        lambda wish: tariffs.place(wish=wish, at=now()),
        lambda words, status: _page(request, visitor, code, words, status=status),
    )


def _wish(form: _Form, visitor: Visitor) -> tariffs.TariffWish:
    return tariffs.TariffWish(
        order_id=form.order_id,
        line=form.line,
        tariff_version_id=form.version_id,
        total_minor=form.total_minor,
        effective_at=form.effective_at,
        channel=CHANNEL,
        account_id=visitor.account_id,
    )


def _page(request: HttpRequest, visitor: Visitor, code: str, problem: str = "", *, status: int = 200) -> HttpResponse:
    at = now()
    chosen = _chosen(request.GET, visitor.line, at)
    try:
        standing = tariffs_queries.standing(visitor.line, code, at, chosen.at)
    except queries.NoSuchOffer:
        raise Http404 from None
    if standing.offer.version.id == standing.own.id:
        return HttpResponseRedirect(f"/tariffs/{code}/")
    page = order_page.present(standing, visitor.line, chosen, order_id=uuid4(), now=at, problem=problem)
    return render(request, TEMPLATE, {"visitor": visitor, "page": page}, status=status)


def _chosen(asked: QueryDict, line: Line, at: datetime) -> Chosen:
    """Return when the change is asked for: at once, unless an address says something else."""
    later = money.next_period(line, at)
    when, typed = asked.get("when", ""), asked.get("day", "").strip()
    if when == "next":
        return Chosen("next", later, later)
    if when == "day":
        try:
            return Chosen("day", tariffs_queries.midnight(date.fromisoformat(typed)), later, typed)
        except (ValueError, OverflowError):
            return Chosen("day", None, later, typed, wrong=True)
    return Chosen("", None, later)
