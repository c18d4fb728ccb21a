"""Another number of one's own: asked for free of charge, answered by staff; or added at once by its code."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from abonent.domains.lines.sharing import requests as sharing_requests
from abonent.domains.lines.sharing.queries import NoSuchShare
from abonent.domains.lines.sharing.requests import TooManyRequests
from abonent.domains.lines.sharing.rules import due
from abonent.entrypoints.portal.numbers import words
from abonent.entrypoints.portal.numbers.forms import NumberForm
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

HERE = "/numbers/"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def ask(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for a number on a contract of the same owner and region."""
    form = NumberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        if any(line.number == number.e164 for line in visitor.lines):
            return HttpResponseRedirect(f"{HERE}?own")
        try:
            sharing_requests.ask(account_id=visitor.account_id, line=visitor.line, number=number, at=now())
        except TooManyRequests:
            form.add_error("number", _("Several of your requests wait already. We answer them first"))
        else:
            return HttpResponseRedirect(f"{HERE}?asked")
    context = {
        "visitor": visitor,
        "form": form,
        "until": formats.moment(due(timezone.localtime(now()))),
        "never": words.never(),
    }
    return render(request, "portal/numbers/own.html", context)


@require_POST
@signed_in
def call_off(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Want it no more."""
    try:
        sharing_requests.call_off(request_id=_id(request), account_id=visitor.account_id, at=now())
    except NoSuchShare:
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?called-off")


@require_POST
@signed_in
def object_to(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say no to somebody who asks for a number of one's own."""
    own = [line.number for line in visitor.lines if line.service == "mobile"]
    try:
        sharing_requests.object_to(request_id=_id(request), own_numbers=own, at=now())
    except NoSuchShare:
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?objected")


def _id(request: HttpRequest) -> int:
    typed = request.POST.get("request", "")
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 19):
        raise Http404
    return int(typed)
