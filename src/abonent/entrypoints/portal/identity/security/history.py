"""Who got in and what changed, newest first, page by page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from abonent.domains.identity import queries_security
from abonent.domains.identity.queries_security import PAGE
from abonent.entrypoints.portal.identity.security import page
from abonent.entrypoints.portal.visitor import Visitor, signed_in


@require_safe
@signed_in
def history(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the entries into the cabinet."""
    before = page.place(request.GET.get("before", ""))
    entries = queries_security.entries_of(visitor.account_id, before=before, limit=PAGE + 1)
    context = {
        "visitor": visitor,
        "rows": [page.entry_row(entry) for entry in entries[:PAGE]],
        "earlier": f"?before={page.token(entries[PAGE - 1])}" if len(entries) > PAGE else "",
        "is_first": before is None,
    }
    return render(request, "portal/identity/security/history.html", context)


@require_safe
@signed_in
def changes(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what changed, and by whom; with `by=staff` only what our staff did. It counts as seen from now on."""
    before = page.place(request.GET.get("before", ""))
    by_staff = request.GET.get("by") == "staff"
    events = queries_security.events_of(visitor.account_id, before=before, by_staff=by_staff, limit=PAGE + 1)
    page.note_seen(request)
    further = f"?{'by=staff&' if by_staff else ''}before="
    context = {
        "visitor": visitor,
        "rows": [page.event_row(event) for event in events[:PAGE]],
        "earlier": f"{further}{page.token(events[PAGE - 1])}" if len(events) > PAGE else "",
        "is_first": before is None,
        "by_staff": by_staff,
    }
    return render(request, "portal/identity/security/changes.html", context)
