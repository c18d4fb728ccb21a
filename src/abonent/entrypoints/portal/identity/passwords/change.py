"""The password in the cabinet: how old it is, another one in its place, the first one."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import queries
from abonent.domains.identity.hashing import Busy
from abonent.domains.identity.passwords.check import WrongPassword, check_old
from abonent.domains.identity.passwords.rules import is_old
from abonent.domains.identity.queries import Standing
from abonent.entrypoints.portal.identity import browser
from abonent.entrypoints.portal.identity.passwords import new, words
from abonent.entrypoints.portal.identity.passwords.forms import ChangeForm, NewPasswordForm
from abonent.entrypoints.portal.visitor import CONFIRM, Visitor, has_fresh_proof, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@sensitive_post_parameters()
@signed_in
def password(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Change the password by the old one, or set the first one after a fresh proof."""
    standing = queries.standing(visitor.account_id)
    if not standing.has_password and not has_fresh_proof(request):
        return HttpResponseRedirect(f"{CONFIRM}?{urlencode({'next': new.CHANGE})}")
    kind = ChangeForm if standing.has_password else NewPasswordForm
    form = kind(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _change(request, visitor, form):
        return HttpResponseRedirect(f"{new.CHANGE}?set")
    return new.new_page(
        request,
        "change",
        form,
        new.CHANGE,
        visitor=visitor,
        login=new.login_of(visitor),
        has_password=standing.has_password,
        age=_age(standing),
        is_old=is_old(standing.password_set_at, now(), settings.POLICY),
        set="set" in request.GET and not form.is_bound,
    )


def _change(request: HttpRequest, visitor: Visitor, form: NewPasswordForm) -> bool:
    """Set the new password; the old one is looked at last, so that no try of it is used up for nothing."""
    if not isinstance(form, ChangeForm):
        return new.set_new(request, visitor, form)
    return new.set_new(request, visitor, form, before=lambda: _is_old_right(request, visitor, form))


def _is_old_right(request: HttpRequest, visitor: Visitor, form: ChangeForm) -> bool:
    try:
        origin = browser.origin_of(request)
        check_old(account_id=visitor.account_id, typed=form.cleaned_data["old"], origin=origin, at=now())
    except WrongPassword as error:
        form.add_error("old", words.closed_here() if error.closed else words.wrong_old())
        return False
    except Busy:
        form.add_error("old", words.busy())
        return False
    return True


def _age(standing: Standing) -> str:
    """Return when the password was set, and how long ago that is; empty when nobody knows."""
    if not standing.has_password or standing.password_set_at is None:
        return ""
    days = (now() - standing.password_set_at) // timedelta(days=1)
    return words.age(formats.day(standing.password_set_at), days)
