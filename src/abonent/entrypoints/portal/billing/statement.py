"""The detailed statement: the page, the reason of a charge, the files."""

from __future__ import annotations

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from abonent.domains.billing.statement import reading as billing
from abonent.domains.billing.statement.explanation import NoSuchCharge, explanation
from abonent.domains.billing.statement.rules import Filters, Position, Unclear
from abonent.domains.support.disputes import queries as disputes_queries
from abonent.entrypoints.portal.billing import statement_page
from abonent.entrypoints.portal.billing.exports import write
from abonent.entrypoints.portal.billing.statement_reason import reason
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof
from abonent.foundation import clock

TEMPLATE = "portal/billing/statement.html"


@require_safe
@fresh_proof
def statement(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what `from`, `to`, `type` and `search` ask for, newest first, on from `older` or `newer`."""
    today, zone = _today(), _zone()
    typed = dict(request.GET.lists())
    context: dict[str, object] = {"visitor": visitor, "found": None, "lost": False}
    try:
        filters = Filters.parse(typed, today)
    except Unclear as unclear:
        context["form"] = statement_page.form(typed, unclear.problems, today)
        return render(request, TEMPLATE, context)
    try:
        older, newer = _position(request, "older"), _position(request, "newer")
    except ValueError:
        older = newer = None
        context["lost"] = True
    page = billing.page(line=visitor.line, filters=filters, zone=zone, older_than=older, newer_than=newer)
    context["form"] = statement_page.form(typed, {}, today)
    context["found"] = statement_page.found(page, typed, zone, today)
    return render(request, TEMPLATE, context)


@require_safe
@fresh_proof
def charge(request: HttpRequest, visitor: Visitor, charge_id: UUID) -> HttpResponse:
    """Say why a sum was charged; somebody else's charge is not there."""
    try:
        found = explanation(charge_id=charge_id, line_ids=[line.id for line in visitor.lines])
    except NoSuchCharge:
        raise Http404 from None
    context = {
        "visitor": visitor, "reason": reason(found, _zone()), "charge_id": charge_id,
        # What came to the customer by it is nothing to disagree with.
        "disputable": found.amount_minor >= 0,
        "dispute": disputes_queries.open_of(charge_id=charge_id),
    }  # fmt: skip
    return render(request, "portal/billing/statement_charge.html", context)


@require_safe
@fresh_proof
def file(request: HttpRequest, visitor: Visitor, extension: str) -> HttpResponseBase:
    """Give everything that the same address on the page would show; unclear filters lead back to it."""
    typed = dict(request.GET.lists())
    try:
        filters = Filters.parse(typed, _today())
    except Unclear:
        return HttpResponseRedirect(statement_page.ADDRESS + statement_page.query(typed, nothing=""))
    with billing.whole(line=visitor.line, filters=filters, zone=_zone()) as found:
        written = write(found, extension, zone=_zone(), made_at=clock.now())
    return FileResponse(written.file, as_attachment=True, filename=written.name, content_type=written.content_type)


def _position(request: HttpRequest, name: str) -> Position | None:
    token = request.GET.get(name, "")
    return Position.from_token(token) if token else None


def _today() -> date:
    return timezone.localdate(clock.now())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
