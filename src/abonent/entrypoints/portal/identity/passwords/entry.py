"""Getting in with a password. Whoever the login belongs to, or nobody: the answer and the work are the same."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from abonent.domains.identity.freezing import Frozen
from abonent.domains.identity.hashing import Busy
from abonent.domains.identity.passwords.check import WrongPassword
from abonent.domains.identity.rules import CaptchaNeeded, CodeUsed
from abonent.domains.lines import logins
from abonent.domains.lines.rules_logins import LoginKind
from abonent.entrypoints.portal.admission import CLOSED_WAY, Proven, admit
from abonent.entrypoints.portal.identity import browser, codes
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.passwords import words
from abonent.entrypoints.portal.identity.passwords.door import PASSWORD, busy
from abonent.entrypoints.portal.identity.passwords.forms import EntryForm, entered
from abonent.entrypoints.portal.visitor import safe_address, visitor_of
from abonent.foundation.clock import now

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Ask for login and password; let in who knows both."""
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        return _empty(request, wanted)
    found = entered(request.POST)
    if found is None:
        return _page(request, EntryForm(request.POST), wanted, captcha.question(request, PASSWORD))
    login, typed, remember = found
    try:
        opened = logins.enter(
            login=login,
            typed=typed,
            origin=browser.origin_of(request),
            language=codes.language(),
            at=now(),
            solved=captcha.solved(request),
        )
    except CaptchaNeeded:
        kept = {
            "login": str(EntryForm(request.POST)["login"].value()),
            "remember": "on" if remember else "",
            "next": wanted,
        }
        return captcha.ask(request, back=PASSWORD, typed=kept)
    except Busy:
        return busy(request)
    except Frozen:
        return HttpResponseRedirect(CLOSED_WAY)
    except (WrongPassword, CodeUsed) as error:
        form = EntryForm(request.POST)
        closed = isinstance(error, WrongPassword) and error.closed
        form.add_error("password", words.closed() if closed else f"{words.wrong()} {words.keyboard(typed)}".strip())
        return _page(request, form, wanted, None, closed=closed)
    response = admit(request, Proven(opened.account_id, opened.line_id, opened.way, wanted), opened.attempt)
    browser.remember_number(response, login.value if remember and login.kind is LoginKind.NUMBER else None)
    captcha.settle(request, response)
    return response


def _empty(request: HttpRequest, wanted: str) -> HttpResponse:
    """Show the empty form, or what was typed before a question for people came between."""
    if visitor_of(request):
        return HttpResponseRedirect(wanted)
    asked = captcha.question(request, PASSWORD)
    remembered = browser.remembered_number(request)
    typed = asked.typed if asked else {"login": remembered, "remember": remembered, "next": wanted}
    initial = {"login": typed.get("login", ""), "remember": bool(typed.get("remember"))}
    response = _page(request, EntryForm(initial=initial), safe_address(typed.get("next", "")), asked)
    browser.mark(request, response)
    return response


def _page(
    request: HttpRequest, form: EntryForm, wanted: str, asked: captcha.Question | None, *, closed: bool = False
) -> HttpResponse:
    return render(
        request,
        "portal/identity/passwords/password.html",
        {"form": form, "next": wanted, "captcha": asked, "closed": closed},
    )
