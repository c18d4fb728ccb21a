"""The entry menu: what can be opened, and for somebody signed in their own lines."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.visitor import PIN, is_locked, visitor_of


@require_safe
def menu(request: HttpRequest) -> HttpResponse:
    """Show the ways in; one sign-in serves all that a person owns."""
    visitor = visitor_of(request)
    if visitor and is_locked(request):
        return HttpResponseRedirect(PIN)
    groups = _groups(visitor.seen) if visitor else []
    context = {"visitor": visitor, "groups": groups, "bank": settings.BANK_ADDRESS}
    return render(request, "portal/menu/menu.html", context)


def _groups(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """Return the lines under their headings, without the empty ones."""
    groups = [
        (_("Mobile"), ("mobile",)),
        (_("Home internet and TV"), ("internet", "tv")),
        (_("Satellite TV"), ("satellite",)),
    ]
    found = [(title, [line for of in services for line in lines if line.service == of]) for title, services in groups]
    return [group for group in found if group[1]]
