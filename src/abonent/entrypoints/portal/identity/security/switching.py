"""The service "cabinet" switched off and on again."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import switching
from abonent.domains.identity.sessions import OFF
from abonent.entrypoints.portal.admission import go_on
from abonent.entrypoints.portal.visitor import HOME, LOGIN, Visitor, fresh_proof, safe_address
from abonent.foundation.clock import now

form = require_http_methods(["GET", "HEAD", "POST"])


@form
@fresh_proof
def switch_off(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what switching off means, and do it; every session ends, this one, too."""
    if request.method != "POST":
        return render(request, "portal/identity/security/switch_off.html", {"visitor": visitor})
    switching.switch_off(account_id=visitor.account_id, at=now())
    request.session.flush()
    return HttpResponseRedirect(f"{LOGIN}?off")


@form
@never_cache
def switched_off(request: HttpRequest) -> HttpResponse:
    """The one page that is left of a cabinet switched off: its one button switches it on again."""
    account_id = request.session.get(SESSION_KEY)
    if account_id is None:
        return HttpResponseRedirect(LOGIN)
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if not request.session.get(OFF):
        # This page is no way around another that the person is kept on.
        return HttpResponseRedirect(HOME)
    if request.method == "POST":
        switching.switch_on(account_id=int(account_id), at=now())
        return go_on(request, wanted)
    return render(request, "portal/identity/security/switched_off.html", {"next": wanted})
