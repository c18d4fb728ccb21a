""" "It was not me": what will happen, what is closed since, and how the owner opens it again."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth import SESSION_KEY
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.identity import freezing, queries, queries_security
from abonent.domains.identity.freezing import NoSuchEvent, NotEnough
from abonent.domains.identity.rules_freezing import CANNOT_BE_DISPUTED
from abonent.domains.identity.sessions import FROZEN
from abonent.entrypoints.portal.identity.security import page, words
from abonent.entrypoints.portal.visitor import (
    CONFIRM,
    PROTECTED,
    Visitor,
    forget_proof,
    fresh_proof_by,
    signed_in,
)
from abonent.foundation.clock import now

form = require_http_methods(["GET", "HEAD", "POST"])


@form
@signed_in
def not_me(request: HttpRequest, visitor: Visitor, event_id: int) -> HttpResponse:
    """Say what will happen, and then let it happen."""
    try:
        event = queries_security.event_of(visitor.account_id, event_id)
    except (LookupError, OverflowError):
        raise Http404 from None
    if event.kind in CANNOT_BE_DISPUTED:
        raise Http404
    if event.disputed_at:
        return HttpResponseRedirect(PROTECTED)
    if request.method != "POST":
        context = {"visitor": visitor, "event": page.event_row(event)}
        return render(request, "portal/identity/security/not_me.html", context)
    try:
        freezing.freeze(account_id=visitor.account_id, event_id=event_id, at=now(), keep=request.session.session_key)
    except NoSuchEvent:
        raise Http404 from None
    return HttpResponseRedirect(PROTECTED)


@form
@signed_in
def protected(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what is closed and what to do; lift the protection with a proof that is not in question."""
    if not request.session.get(FROZEN):
        return (
            render(request, "portal/identity/security/lifted.html", {"visitor": visitor})
            if ("lifted" in request.GET)
            else HttpResponseRedirect("/security/")
        )
    shown = fresh_proof_by(request)
    lifting = freezing.lifting_proofs(visitor.account_id)
    if request.method == "POST":
        try:
            freezing.thaw(account_id=visitor.account_id, at=now(), proof=shown)
        except NotEnough:
            return HttpResponseRedirect(PROTECTED)
        return HttpResponseRedirect(f"{PROTECTED}?lifted")
    standing = queries.standing(visitor.account_id)
    context = {
        "visitor": visitor,
        "since": standing.frozen_at,
        "proven": shown in lifting,
        "proofs": [words.proof(proof) for proof in sorted(lifting)],
    }
    return render(request, "portal/identity/security/protected.html", context)


@form
@signed_in
def prove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Lead to proving anew, even when another proof, which lifts nothing, still counts."""
    if request.method != "POST":
        return HttpResponseRedirect(PROTECTED)
    forget_proof(request)
    kinds = [str(proof) for proof in sorted(freezing.lifting_proofs(visitor.account_id))]
    return HttpResponseRedirect(f"{CONFIRM}?{urlencode({'next': PROTECTED, 'by': ' '.join(kinds)})}")


@require_safe
@never_cache
def closed_way(request: HttpRequest) -> HttpResponse:
    """Say to somebody not signed in that this way in is closed for now, and which are open."""
    if SESSION_KEY in request.session:
        return HttpResponseRedirect(PROTECTED)
    return render(request, "portal/identity/security/closed_way.html", {})
