"""A new request: what it is about, then the form, which says until when it is answered."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.identity import queries as identity
from abonent.domains.lines.speed import queries as speed_queries
from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.requests.actions import New
from abonent.domains.support.requests.rules import Channel, Kind, TooMany
from abonent.domains.support.rules import NotThere
from abonent.entrypoints.portal.requests import page, words
from abonent.entrypoints.portal.requests.forms import RequestForm, take_files
from abonent.entrypoints.portal.speed import page as speed_page
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

TEMPLATES = "portal/requests/"


@require_safe
@signed_in
def kinds(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask what it is about: each kind has its time, and money has its own way."""
    return render(request, f"{TEMPLATES}kinds.html", {"visitor": visitor, "rows": page.kinds(now())})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, visitor: Visitor, kind: str) -> HttpResponse:
    """Write it: what was typed and the files that were good stay when something else is wrong."""
    if kind not in set(Kind):
        raise Http404
    of = Kind(kind)
    form = RequestForm(
        request.POST if request.method == "POST" else None, lines=visitor.lines, line=visitor.line,
        channels=_channels(visitor), hint=words.asks(of), written=_written(request, visitor),
    )  # fmt: skip
    status, problems = 200, []
    if request.method == "POST":
        problems = take_files(request, visitor.account_id, form.id)
        if form.is_valid() and not problems:
            try:
                request_id, is_new = requests.open_request(new=_new(visitor, of, form), at=now())
            except TooMany as too_many:
                form.add_error(None, words.too_many(too_many))
                status = 409
            except NotThere:
                raise Http404 from None
            else:
                return HttpResponseRedirect(f"/requests/{request_id}/{'?new' if is_new else ''}")
    context = {
        "visitor": visitor,
        "form": form,
        "page": page.asked(of, now()),
        "problems": problems,
        "kept": page.kept(requests_files.of_form(visitor.account_id, form.id) if form.is_bound else []),
    }
    return render(request, f"{TEMPLATES}new.html", context, status=status)


def _written(request: HttpRequest, visitor: Visitor) -> tuple[str, str]:
    """Return what stands in the form at first: of somebody who comes from a bad speed, what was measured."""
    try:
        test_id = UUID(request.GET.get("speed", ""))
    except ValueError:
        return "", ""
    found = speed_queries.result(test_id, visitor.account_id)
    return speed_page.claim(found) if found else ("", "")


def _new(visitor: Visitor, kind: Kind, form: RequestForm) -> New:
    said = form.cleaned_data
    return New(
        key=form.id, account_id=visitor.account_id, holder=visitor.line, line_id=said["line"], kind=kind,
        subject=said["subject"], text=said["text"], channel=said["channel"],
        language=translation.get_language() or visitor.line.language,
    )  # fmt: skip


def _channels(visitor: Visitor) -> list[Channel]:
    """Return how this person can be told; the first is proposed."""
    by_sms = [Channel.SMS] if any(line.service == "mobile" for line in visitor.lines) else []
    by_email = [Channel.EMAIL] if identity.email_of(visitor.account_id) else []
    return [*by_sms, *by_email, Channel.CABINET]
