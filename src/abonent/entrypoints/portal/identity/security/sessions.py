"""Devices and open sessions: which are there, end one, end all others, know a device no more."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.identity import actions, queries_security
from abonent.domains.identity.sessions import FROZEN
from abonent.entrypoints.portal.identity.security import page
from abonent.entrypoints.portal.visitor import Page, View, Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now

ADDRESS = "/security/sessions/"
SAID = frozenset({"ended", "others", "forgotten"})

form = require_http_methods(["GET", "HEAD", "POST"])


def proven(view: Page) -> View:
    """As `fresh_proof`, so that whoever finds a browser left open signs nobody out; open while it is protected, too."""
    open_to_all, asked = signed_in(view), fresh_proof(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return (open_to_all if request.session.get(FROZEN) else asked)(request, *args, **kwargs)

    return guarded


@require_safe
@signed_in
def sessions(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the open sessions, this one first, and the devices that signed in before and are not signed in now."""
    live = queries_security.live_sessions(visitor.account_id, request.session.session_key or "")
    open_on = {session.device_id for session in live}
    devices = [device for device in queries_security.known_devices(visitor.account_id) if device.id not in open_on]
    context = {
        "visitor": visitor,
        "sessions": [page.session_row(session) for session in live],
        "devices": [page.device_row(device) for device in devices],
        "done": next(iter(SAID & set(request.GET)), ""),
    }
    return render(request, "portal/identity/security/sessions.html", context)


@form
@proven
def end(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """End the session of one entry; another's is not there."""
    if request.method == "POST":
        sign_in_id = _id(request, "entry")
        if not actions.end_one(account_id=visitor.account_id, sign_in_id=sign_in_id, at=now()):
            raise Http404
        return HttpResponseRedirect(f"{ADDRESS}?ended")
    return HttpResponseRedirect(ADDRESS)


@form
@proven
def end_others(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """End every session but this one."""
    if request.method == "POST":
        actions.end_others(account_id=visitor.account_id, keep=request.session.session_key or "", at=now())
        return HttpResponseRedirect(f"{ADDRESS}?others")
    return HttpResponseRedirect(ADDRESS)


@form
@proven
def forget(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Know a device no more; another's is not there."""
    if request.method == "POST":
        if not actions.forget_device(account_id=visitor.account_id, device_id=_id(request, "device"), at=now()):
            raise Http404
        return HttpResponseRedirect(f"{ADDRESS}?forgotten")
    return HttpResponseRedirect(ADDRESS)


def _id(request: HttpRequest, name: str) -> int:
    typed = request.POST.get(name, "")
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 19):
        raise Http404
    return int(typed)
