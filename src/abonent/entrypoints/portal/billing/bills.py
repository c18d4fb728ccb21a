"""Monthly bills: the list, one bill, the bill on paper."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonent.domains.billing.bills import queries as billing
from abonent.domains.billing.bills.queries import NoSuchBill, Seen
from abonent.entrypoints.portal.billing import bills_page
from abonent.entrypoints.portal.billing.bills_paper import bill_pdf
from abonent.entrypoints.portal.billing.contracts import contract_of, contracts_of
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now


@require_safe
@signed_in
def bills(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the bills of the contract and how they stand; to who pays in advance, what there is instead."""
    contract_id = contract_of(visitor)
    at = now()
    found = billing.bills(contract_id, at) if contract_id else []
    context = {
        "visitor": visitor,
        "page": bills_page.listing(found, timezone.localdate(at)),
        "hidden": contract_id is None,
    }
    return render(request, "portal/billing/bills.html", context)


@require_safe
@signed_in
def bill(request: HttpRequest, visitor: Visitor, bill_id: int) -> HttpResponse:
    """Show one bill; somebody else's is not there."""
    page = bills_page.page(_seen(visitor, bill_id), timezone.localdate(now()))
    return render(request, "portal/billing/bill.html", {"visitor": visitor, "page": page})


@require_safe
@signed_in
def bill_file(
    request: HttpRequest,  # noqa: ARG001 - Django gives it
    visitor: Visitor,
    bill_id: int,
) -> HttpResponse:
    """Give the bill as PDF."""
    seen = _seen(visitor, bill_id)
    name = f"{_('Bill')} {seen.bill.number.replace('/', ' ')}.pdf"
    return HttpResponse(
        bill_pdf(seen),
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )


def _seen(visitor: Visitor, bill_id: int) -> Seen:
    try:
        return billing.bill(bill_id, contracts_of(visitor), now())
    except NoSuchBill:
        raise Http404 from None
