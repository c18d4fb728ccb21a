"""The fiscal receipt of a payment or refund: what stands on it, and whether it is registered by now."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonent.domains.billing.fiscal import actions as fiscal
from abonent.domains.billing.fiscal.rules import Operation, Receipt, Settlement
from abonent.domains.billing.ports import Fiscal
from abonent.entrypoints.portal.billing.contracts import contracts_of
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.web import format as formats


@require_safe
@signed_in
def fiscal_receipt(request: HttpRequest, visitor: Visitor, receipt_id: UUID) -> HttpResponse:
    """Show the receipt of one payment or refund; somebody else's is not there."""
    try:
        found = fiscal.receipt(receipt_id, contracts_of(visitor))
    except fiscal.NoSuchReceipt:
        raise Http404 from None
    context = {
        "visitor": visitor,
        "title": _("Receipt of a refund") if found.receipt.operation is Operation.RETURN else _("Fiscal receipt"),
        "registered": found.fiscal is not None,
        "facts": [*_facts(found.receipt), *_attributes(found.fiscal)],
        "check": found.fiscal.check_address if found.fiscal else "",
    }
    return render(request, "portal/billing/fiscal.html", context)


def _facts(receipt: Receipt) -> Sequence[tuple[str, str]]:
    [item] = receipt.items
    return [
        (_("What for"), item.name),
        (_("Sum"), formats.money(receipt.total_minor)),
        (_("VAT within"), formats.money(item.vat_minor)),
        (_("Way of payment"), _("Cash") if receipt.cash_minor else _("Without cash")),
        (_("Kind"), _("Advance") if item.settlement is Settlement.ADVANCE else _("Full settlement")),
        (_("When"), formats.moment(receipt.made_at)),
        (_("Seller"), receipt.seller.name),
        (_("Tax number"), receipt.seller.tax_number),
        (_("Sent to"), formats.phone(receipt.customer)),
    ]


def _attributes(registered: Fiscal | None) -> Sequence[tuple[str, str]]:
    if registered is None:
        return []
    return [
        (_("Fiscal drive (FN)"), registered.fiscal_drive),
        (_("Fiscal document (FD)"), str(registered.fiscal_document)),
        (_("Fiscal sign (FPD)"), f"{registered.fiscal_sign:010}"),
        (_("Registered"), formats.moment(registered.registered_at)),
    ]
