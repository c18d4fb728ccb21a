"""The home page: what is left, what it costs and when, where the money went, what needs the owner."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from abonent.domains.billing import queries as billing
from abonent.domains.billing.families import queries as families_queries
from abonent.domains.identity import queries_security
from abonent.domains.identity.sessions import SIGN_IN
from abonent.domains.lines.access import may
from abonent.domains.lines.sharing.rules import Permission
from abonent.domains.payments import queries as paid
from abonent.entrypoints.portal.families import page as families
from abonent.entrypoints.portal.home import wired
from abonent.entrypoints.portal.home.notices import notices
from abonent.entrypoints.portal.home.page import Home, present
from abonent.entrypoints.portal.home.wired import Wired
from abonent.entrypoints.portal.identity.security.page import noticed_at
from abonent.entrypoints.portal.numbers import words
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation import clock


@require_safe
@signed_in
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the selected line at a glance."""
    now = clock.now()
    overview = billing.overview(visitor.line, now)
    page = present(overview, visitor.line, translation.get_language() or "", now, visitor.account_id)
    of_wire = wired.present(visitor.line, now) if visitor.line.service != "mobile" else None
    if visitor.line.role:
        return _shared(request, visitor, page, of_wire)
    needs = queries_security.needs(
        visitor.account_id, sign_in_id=request.session.get(SIGN_IN), noticed_at=noticed_at(request)
    )
    member = families_queries.membership(visitor.line, now) if overview.in_family else None
    context = {
        "visitor": visitor,
        "page": page,
        "family": families.member(member, now) if member else None,
        "wired": of_wire,
        "notices": notices(needs, overview, visitor.line),
        "pays": bool(paid.methods()),
    }
    return render(request, "portal/home/home.html", context)


def _shared(request: HttpRequest, visitor: Visitor, page: Home, of_wire: Wired | None) -> HttpResponse:
    """Show of somebody else's line what its owner agreed to: a page of its own, so that nothing more slips in."""
    sees = {
        "left_overs": may(visitor.line, Permission.LEFT_OVERS),
        "expenses": may(visitor.line, Permission.EXPENSES),
        "manage": may(visitor.line, Permission.MANAGE),
    }
    context = {
        "visitor": visitor,
        "page": page,
        "sees": sees,
        "wired": of_wire if sees["manage"] else None,
        "role": words.role(visitor.line.role),
        "pays": bool(paid.methods()),
    }
    return render(request, "portal/home/shared.html", context)
