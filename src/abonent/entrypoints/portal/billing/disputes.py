"""What a customer does not agree with: the form, the list, one of them with its answer."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.billing import queries_history as history
from abonent.domains.billing.statement.explanation import NoSuchCharge, explanation
from abonent.domains.lines.queries import Line
from abonent.domains.support.disputes import actions as disputes
from abonent.domains.support.disputes import queries as disputes_queries
from abonent.domains.support.disputes.actions import Thing
from abonent.domains.support.disputes.queries import NoSuchDispute
from abonent.domains.support.disputes.rules import COMMENT_LENGTH_MAX, Reason, TooMany, Unclear, check
from abonent.entrypoints.portal.billing import disputes_page
from abonent.entrypoints.portal.billing.disputes_page import DISPUTES
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

# No id of PostgreSQL's is larger.
ID_MAX = 2**63


class DisputeForm(forms.Form):
    """Why somebody does not agree; what nobody types is left out of the words."""

    use_required_attribute = False
    reason = forms.ChoiceField(required=False)
    comment = forms.CharField(
        label=gettext_lazy("What is wrong, in your words"), required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def __init__(self, data: QueryDict | None, *, reasons: list[tuple[str, str]]) -> None:
        super().__init__(None if data is None else {name: _typed(data.get(name) or "") for name in data})
        field = self.fields["reason"]
        if isinstance(field, forms.ChoiceField):
            field.choices = reasons
        field.error_messages["invalid_choice"] = disputes_page.choose_reason()

    def clean_reason(self) -> Reason:
        chosen = self.cleaned_data["reason"]
        if not chosen:
            raise forms.ValidationError(disputes_page.choose_reason())
        return Reason(chosen)

    def clean_comment(self) -> str:
        try:
            return check(self.cleaned_data["comment"], 0)
        except Unclear as unclear:
            raise forms.ValidationError(disputes_page.unclear(unclear.reason)) from None


def _typed(text: str) -> str:
    return "".join(c for c in text[: COMMENT_LENGTH_MAX * 2] if c.isprintable() or c.isspace())


@require_safe
@signed_in
def listing(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what was disputed on the lines that the visitor sees."""
    found = disputes_queries.of_lines([line.id for line in visitor.lines], now())
    context = {"visitor": visitor, "rows": [disputes_page.row(one, now()) for one in found]}
    return render(request, "portal/billing/disputes.html", context)


@require_safe
@signed_in
def dispute(request: HttpRequest, visitor: Visitor, dispute_id: int) -> HttpResponse:
    """Show one: number, deadline, how it stands, the answer."""
    if dispute_id >= ID_MAX:
        raise Http404
    try:
        found = disputes_queries.dispute(dispute_id, [line.id for line in visitor.lines], now())
    except NoSuchDispute:
        raise Http404 from None
    context = {"visitor": visitor, "page": disputes_page.shown(found, now()), "new": "new" in request.GET}
    return render(request, "portal/billing/dispute.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def of_charge(request: HttpRequest, visitor: Visitor, charge_id: UUID) -> HttpResponse:
    """Say that a charge is not right; somebody else's is not there."""
    try:
        found = explanation(charge_id=charge_id, line_ids=[line.id for line in visitor.lines])
    except NoSuchCharge:
        raise Http404 from None
    line = next(line for line in visitor.lines if line.id == found.line_id)
    thing = Thing(charge_id, None, -found.amount_minor, found.category, found.at)
    return _form(request, visitor, line, thing, f"/statement/charge/{charge_id}/")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def of_payment(request: HttpRequest, visitor: Visitor, payment_id: UUID) -> HttpResponse:
    """Say that a payment is not right, or that it is not the visitor's."""
    contract_ids = {line.contract_id for line in visitor.lines}
    try:
        found = history.receipt(payment_id=payment_id, contract_ids=contract_ids, account_id=visitor.account_id)
    except history.NoSuchPayment:
        raise Http404 from None
    line = next((line for line in visitor.lines if line.contract_id == found.contract_id), None)
    if line is None:
        # Paid for somebody else: the account is theirs, and so is what is done on it.
        raise Http404
    thing = Thing(None, payment_id, found.amount_minor, found.method, found.at)
    return _form(request, visitor, line, thing, f"/payments/{payment_id}/")


def _form(request: HttpRequest, visitor: Visitor, line: Line, thing: Thing, back: str) -> HttpResponse:
    known = disputes_queries.open_of(charge_id=thing.charge_id, payment_id=thing.payment_id)
    if known is not None:
        return HttpResponseRedirect(f"{DISPUTES}{known}/")
    form = DisputeForm(request.POST if request.method == "POST" else None, reasons=disputes_page.reasons(thing))
    status = 200
    if form.is_bound and form.is_valid():
        try:
            number, is_new = disputes.open_dispute(
                line=line, thing=thing, reason=form.cleaned_data["reason"], comment=form.cleaned_data["comment"],
                at=now(),
            )  # fmt: skip
        except TooMany:
            form.add_error(None, _("Ten of your requests wait for an answer. Wait for the first of them, or call us"))
            status = 409
        else:
            return HttpResponseRedirect(f"{DISPUTES}{number}/{'?new' if is_new else ''}")
    context = {"visitor": visitor, "form": form, "page": disputes_page.asked(thing, line), "back": back}
    return render(request, "portal/billing/dispute_new.html", context, status=status)
