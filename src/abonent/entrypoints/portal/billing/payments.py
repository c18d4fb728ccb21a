"""The history of payments: the list, a receipt, the files."""

from __future__ import annotations

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from abonent.domains.billing import queries as billing
from abonent.domains.billing import queries_history as history
from abonent.domains.billing.corrections import queries as corrections_queries
from abonent.domains.billing.rules_history import Filters
from abonent.domains.billing.statement.rules import Position, Unclear
from abonent.domains.billing.topups import queries as queries_topups
from abonent.domains.payments import queries as paid
from abonent.entrypoints.portal.billing import payments_page, receipts, topup_order
from abonent.entrypoints.portal.billing.exports import payments_files
from abonent.entrypoints.portal.billing.payments_page import PAYMENTS
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.web.words import correction_reason

TEMPLATE = "portal/billing/payments.html"


@require_safe
@signed_in
def payments(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what `from`, `to`, `way` and `search` ask for, newest first, on from `older` or `newer`."""
    today = _today()
    typed = dict(request.GET.lists())
    context: dict[str, object] = {"visitor": visitor, "found": None, "lost": False}
    try:
        filters = Filters.parse(typed, today)
    except Unclear as unclear:
        context["form"] = payments_page.form(typed, unclear.problems, today)
        return render(request, TEMPLATE, context)
    try:
        older, newer = _position(request, "older"), _position(request, "newer")
    except ValueError:
        older = newer = None
        context["lost"] = True
    page = history.page(whose=_whose(visitor), filters=filters, zone=_zone(), older_than=older, newer_than=newer)
    context["form"] = payments_page.form(typed, {}, today)
    context["found"] = payments_page.found(page, typed, _zone(), today)
    return render(request, TEMPLATE, context)


@require_safe
@signed_in
def receipt(request: HttpRequest, visitor: Visitor, payment_id: UUID) -> HttpResponse:
    """Show the receipt of a payment; somebody else's is not there."""
    return render(
        request, "portal/billing/receipt.html", {"visitor": visitor, "receipt": _receipt(visitor, payment_id)}
    )


@require_safe
@signed_in
def receipt_file(request: HttpRequest, visitor: Visitor, payment_id: UUID) -> HttpResponse:  # noqa: ARG001 - a view's
    """Give the receipt as PDF."""
    found = _receipt(visitor, payment_id)
    name = f"receipt-{receipts.operation_number(payment_id)}.pdf"
    return HttpResponse(
        receipts.pdf(found, made_at=now()),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


@require_safe
@signed_in
def file(request: HttpRequest, visitor: Visitor, extension: str) -> HttpResponseBase:
    """Give everything that the same address on the page would show; unclear filters lead back to it."""
    typed = dict(request.GET.lists())
    try:
        filters = Filters.parse(typed, _today())
    except Unclear:
        return HttpResponseRedirect(PAYMENTS + payments_page.query(typed, nothing=""))
    page = history.whole(whose=_whose(visitor), filters=filters, zone=_zone())
    written = payments_files.write(page, filters, visitor.line, extension, zone=_zone(), made_at=now())
    return FileResponse(written.file, as_attachment=True, filename=written.name, content_type=written.content_type)


def _receipt(visitor: Visitor, payment_id: UUID) -> receipts.Receipt:
    contract_ids = {line.contract_id for line in visitor.lines}
    try:
        found = history.receipt(payment_id=payment_id, contract_ids=contract_ids, account_id=visitor.account_id)
    except history.NoSuchPayment:
        return _just_paid(visitor, payment_id)
    balance = billing.balance(found.contract_id) if found.contract_id in contract_ids else None
    means, back = _from_the_bank(payment_id)
    why = corrections_queries.correction(payment_id) if found.amount_minor < 0 else None
    return payments_page.receipt(
        found, visitor, means=means if found.for_other else "", refunded_minor=back, balance_minor=balance,
        reason=correction_reason(why.reason) if why else "",
    )  # fmt: skip


def _from_the_bank(payment_id: UUID) -> tuple[str, int]:
    """Return what the bank calls the means of the payment, and what went back of it in minor units."""
    try:
        payment = paid.payment(payment_id)
    except paid.NoSuchPayment:
        return "", 0
    return payment.detail, payment.refunded_minor


def _just_paid(visitor: Visitor, payment_id: UUID) -> receipts.Receipt:
    """Return the receipt of a top-up whose reason is about to be written down; raise `Http404` for any other."""
    try:
        begun = queries_topups.begun(topup_id=payment_id, payer_id=visitor.account_id)
        payment = paid.payment(payment_id)
    except (queries_topups.NoSuchTopUp, paid.NoSuchPayment):
        raise Http404 from None
    if payment.settled_at is None:
        raise Http404
    return topup_order.receipt(begun, payment, visitor)


def _whose(visitor: Visitor) -> history.Whose:
    return history.Whose(visitor.line.contract_id, visitor.account_id)


def _position(request: HttpRequest, name: str) -> Position | None:
    token = request.GET.get(name, "")
    return Position.from_token(token) if token else None


def _today() -> date:
    return timezone.localdate(now())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
