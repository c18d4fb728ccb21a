"""Pages where a new password is set: after the first entry, in place of a forgotten one."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import hashing, queries, temporary
from abonent.domains.identity.passwords import actions as passwords
from abonent.domains.identity.passwords.rules import Strength, strength_of
from abonent.domains.identity.rules import Way
from abonent.domains.lines import logins
from abonent.entrypoints.portal.admission import IN_APP, PASSWORD_FIRST, WAY, go_on
from abonent.entrypoints.portal.identity.passwords import words
from abonent.entrypoints.portal.identity.passwords.forms import NewPasswordForm
from abonent.entrypoints.portal.visitor import Visitor, has_fresh_proof, safe_address, signed_in
from abonent.foundation.clock import now

CHANGE = "/security/password/"

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@sensitive_post_parameters()
@signed_in
def offer(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Offer a password after the first entry; in the app there is no way around one but a passkey."""
    wanted = wanted_of(request)
    standing = queries.standing(visitor.account_id)
    if standing.has_password:
        return go_on(request, wanted)
    in_app = bool(request.session.get(IN_APP))
    if in_app and standing.has_passkey:
        return go_on(request, wanted)
    choice = request.POST.get("choice", "")
    if choice in ("later", "never") and not in_app:
        note = passwords.decline if choice == "never" else passwords.put_off
        note(account_id=visitor.account_id, at=now())
        return go_on(request, wanted)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    may_set = has_fresh_proof(request)
    if may_set and request.method == "POST" and set_new(request, visitor, form):
        return go_on(request, wanted)
    return new_page(request, "offer", form, wanted, login=login_of(visitor), in_app=in_app, may_set=may_set)


@page
@sensitive_post_parameters()
@signed_in
def new_password(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for a new password, right after the forgotten one was replaced by a proof."""
    wanted = wanted_of(request)
    if request.session.get(WAY) not in PASSWORD_FIRST:
        return HttpResponseRedirect(CHANGE)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and set_new(request, visitor, form, not_to=_proven_by(visitor)):
        return go_on(request, wanted)
    by_temporary = request.session.get(WAY) == Way.TEMPORARY
    return new_page(request, "new_password", form, wanted, login=login_of(visitor), temporary=by_temporary)


def wanted_of(request: HttpRequest) -> str:
    """Return the page that was wanted before this one came between."""
    return safe_address(request.POST.get("next") or request.GET.get("next", ""))


def set_new(
    request: HttpRequest,
    visitor: Visitor,
    form: NewPasswordForm,
    not_to: str = "",
    before: Callable[[], bool] = lambda: True,
) -> bool:
    """Set the password that the form holds; return False, with the form saying why, when it is not good.

    `before` is asked last whether it may be set at all.
    """
    if "generate" in request.POST:
        form.is_bound = False
        form.suggest(passwords.suggestion())
        return False
    valid = form.is_valid()
    typed = form.cleaned_data.get("password", "")
    own_words = logins.own_words(visitor.account_id)
    for sentence in words.missing(passwords.problems(typed, own_words)):
        form.add_error("password", sentence)
    if temporary.was_made(account_id=visitor.account_id, typed=typed):
        form.add_error("password", words.temporary())
    if not valid or form.errors or not before():
        return False
    try:
        passwords.set_password(
            account_id=visitor.account_id,
            password=typed,
            own_words=own_words,
            at=now(),
            keep_session=request.session.session_key,
            not_to=not_to,
        )
    except hashing.Busy:
        form.add_error("password", words.busy())
        return False
    # Whoever knew the session's id before the new password knows it no more.
    request.session.cycle_key()
    return True


def new_page(request: HttpRequest, name: str, form: NewPasswordForm, wanted: str, **context: object) -> HttpResponse:
    """Show a page that asks for a new password."""
    form.fields["password"].help_text = words.rules()
    suggested = str(form.initial.get("password", ""))
    typed = suggested or (form.data.get("password", "") if form.is_bound else "")
    said = words.strength(Strength.WEAK if form.errors else strength_of(typed, ())) if typed else ""
    return render(
        request,
        f"portal/identity/passwords/{name}.html",
        {
            "form": form,
            "next": wanted,
            "strength": said,
            "suggested": suggested,
            "policy": settings.POLICY,
            "suggestion": passwords.suggestion(),
            **context,
        },
    )


def login_of(visitor: Visitor) -> str:
    """Return what the browser may keep a password under: the person's number; empty when there is none."""
    return next((line.number for line in visitor.lines if line.service == "mobile"), "")


def _proven_by(visitor: Visitor) -> str:
    """Return the number or address that proved who this is, and needs no message about it."""
    line_id = visitor.proven_line_id
    number = next((line.number for line in visitor.lines if line.id == line_id), "")
    return number or (queries.standing(visitor.account_id).email or "" if not line_id else "")
