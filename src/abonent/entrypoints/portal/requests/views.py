"""A customer's requests: the list, one with its conversation, its files, its end."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.requests import queries as requests_queries
from abonent.domains.support.requests.rules import TooMany
from abonent.domains.support.requests.states import Event, NotNow
from abonent.domains.support.rules import NotThere
from abonent.domains.support.visits import queries as visits_queries
from abonent.entrypoints.portal.requests import page, words
from abonent.entrypoints.portal.requests.forms import WordForm, take_files
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

TEMPLATES = "portal/requests/"
# No id of PostgreSQL's is larger.
ID_MAX = 2**63


@require_safe
@signed_in
def listing(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what the visitor wrote to us."""
    at = now()
    rows = [page.row(one, at) for one in requests_queries.of_account(visitor.account_id)]
    return render(request, f"{TEMPLATES}listing.html", {"visitor": visitor, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def one(request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    """Show one, and take in what is added to it."""
    form = WordForm(request.POST if request.method == "POST" else None)
    status, problems = 200, []
    found = _request(visitor, request_id)
    if request.method == "POST":
        problems = take_files(request, visitor.account_id, form.id)
        if form.is_valid() and not problems:
            said = form.cleaned_data["text"]
            try:
                requests.write(
                    account_id=visitor.account_id, request_id=request_id, key=form.id, text=said, at=now()
                )  # fmt: skip
            except TooMany as too_many:
                form.add_error(None, words.too_many(too_many))
                status = 409
            except NotThere:
                raise Http404 from None
            except NotNow:
                form.add_error(None, _("This request has ended meanwhile. Write a new one, and name its number."))
                status = 409
            else:
                return HttpResponseRedirect(f"/requests/{request_id}/?sent")
            found = _request(visitor, request_id)
    context = {
        "visitor": visitor,
        "form": form,
        "page": page.shown(found, requests_queries.conversation(request_id), now()),
        "problems": problems,
        "kept": page.kept(requests_files.of_form(visitor.account_id, form.id) if form.is_bound else []),
        "new": "new" in request.GET,
        "sent": "sent" in request.GET,
        "visit": visits_queries.of_request(request_id),
    }
    return render(request, f"{TEMPLATES}one.html", context, status=status)


@require_POST
@signed_in
def helped(_request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    """Take it that the answer helped: the request is closed at once."""
    return _end(visitor, request_id, Event.ACCEPTED)


@require_POST
@signed_in
def call_off(_request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    """Let the customer call it off."""
    return _end(visitor, request_id, Event.CALLED_OFF)


@require_safe
@signed_in
def file(_request: HttpRequest, visitor: Visitor, request_id: int, file_id: UUID) -> HttpResponse:
    """Hand out a file of the visitor's own: to be saved, never to be shown by the browser."""
    if request_id >= ID_MAX:
        raise Http404
    try:
        found, content = requests_files.content(
            file_id=file_id, request_id=request_id, account_id=visitor.account_id
        )  # fmt: skip
    except NotThere:
        raise Http404 from None
    response = HttpResponse(content, content_type=found.kind.value)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _request(visitor: Visitor, request_id: int) -> requests_queries.Request:
    if request_id >= ID_MAX:
        raise Http404
    try:
        return requests_queries.request(request_id, visitor.account_id)
    except NotThere:
        raise Http404 from None


def _end(visitor: Visitor, request_id: int, event: Event) -> HttpResponse:
    if request_id >= ID_MAX:
        raise Http404
    try:
        requests.end(account_id=visitor.account_id, request_id=request_id, event=event, at=now())
    except NotThere:
        raise Http404 from None
    except NotNow:
        # It stands otherwise by now: the page shows how.
        pass
    return HttpResponseRedirect(f"/requests/{request_id}/")
