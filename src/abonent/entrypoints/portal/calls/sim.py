"""The SIM's PUK, shown once for a fresh proof, and the internet settings by SMS."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from abonent.domains.lines import sims
from abonent.entrypoints.portal.visitor import Visitor, forget_proof, fresh_proof, signed_in
from abonent.foundation.clock import now

HERE = "/calls/"


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof
def puk(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask before the PUK is shown; show it once, and let the proof count no more."""
    line = visitor.line
    if line.service != "mobile":
        return HttpResponseRedirect(HERE)
    context: dict[str, object] = {"visitor": visitor, "puk": "", "unknown": False}
    if request.method == "POST":
        _own(request, visitor)
        try:
            context["puk"] = sims.show_puk(line=line, account_id=visitor.account_id, at=now())
        except sims.NoPuk:
            context["unknown"] = True
        else:
            forget_proof(request)
    return render(request, "portal/calls/puk.html", context)


@require_POST
@signed_in
def internet(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Send what the phone needs for mobile internet."""
    _own(request, visitor)
    if visitor.line.service != "mobile":
        raise Http404
    sent = sims.send_internet_settings(line=visitor.line, at=now())
    return HttpResponseRedirect(f"{HERE}?{'sent' if sent else 'enough'}")


def _own(request: HttpRequest, visitor: Visitor) -> None:
    """Refuse a form that spoke of another line than the pages do."""
    if request.POST.get("line") != f"{visitor.line.id}":
        raise Http404
