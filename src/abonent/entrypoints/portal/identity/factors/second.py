"""The second factor at signing in: the authenticator app, a passkey, or a recovery code."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import passkeys
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors.queries import factors_of
from abonent.domains.identity.factors.rules import Factor, FactorError, FactorPaused
from abonent.entrypoints.portal.admission import Proven, complete, pending
from abonent.entrypoints.portal.identity import browser
from abonent.entrypoints.portal.identity.factors import ceremony, words
from abonent.entrypoints.portal.identity.factors.forms import AppCodeForm, RecoveryCodeForm
from abonent.entrypoints.portal.visitor import LOGIN
from abonent.foundation.clock import now

TOO_MANY = 429


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
def second(request: HttpRequest) -> HttpResponse:
    """Ask who proved one factor in this browser for another; then let them in."""
    owing = pending(request)
    if owing is None:
        return HttpResponseRedirect(LOGIN)
    app_form, recovery_form, problem = AppCodeForm(), RecoveryCodeForm(), ""
    error: FactorError | None = None
    if request.method == "POST":
        try:
            if "recovery" in request.POST:
                recovery_form = RecoveryCodeForm(request.POST)
                done = recovery_form.is_valid() and _recovery(request, owing, recovery_form.cleaned_data["recovery"])
            elif "passkey" in request.POST:
                done = _passkey(request, owing)
            else:
                app_form = AppCodeForm(request.POST)
                done = app_form.is_valid() and _app(request, owing, app_form.cleaned_data["code"])
            if done:
                return _entered(request)
        except FactorError as failed:
            error = failed
            problem = _say(request, failed, app_form, recovery_form)
    response = _page(request, owing, app_form, recovery_form, problem)
    if isinstance(error, FactorPaused):
        response.status_code = TOO_MANY
        response["Retry-After"] = str(max(1, round((error.until - now()).total_seconds())))
    return response


def _app(request: HttpRequest, owing: Proven, code: str) -> bool:
    mark = browser.origin_of(request).device
    factors.prove_totp(account_id=owing.account_id, typed=code, mark=mark, at=now())
    return True


def _recovery(request: HttpRequest, owing: Proven, code: str) -> bool:
    mark = browser.origin_of(request).device
    factors.prove_recovery_code(account_id=owing.account_id, code=code, mark=mark, at=now())
    return True


def _passkey(request: HttpRequest, owing: Proven) -> bool:
    passkeys.prove(
        answer=request.POST["passkey"],
        challenge=ceremony.challenge_for(request, ceremony.SECOND),
        site=ceremony.site_of(request),
        account_id=owing.account_id,
        at=now(),
    )
    return True


def _say(request: HttpRequest, error: FactorError, app_form: AppCodeForm, recovery_form: RecoveryCodeForm) -> str:
    """Put what is wrong beside its field; return what belongs to none."""
    if "recovery" in request.POST:
        recovery_form.add_error("recovery", words.of_recovery_code(error))
    elif "passkey" in request.POST:
        return words.of_passkey(error)
    else:
        app_form.add_error("code", words.of_code(error))
    return ""


def _entered(request: HttpRequest) -> HttpResponse:
    response = complete(request)
    browser.drop_question(response, ceremony.SECOND)
    return response


def _page(
    request: HttpRequest, owing: Proven, app_form: AppCodeForm, recovery_form: RecoveryCodeForm, problem: str
) -> HttpResponse:
    held = factors_of(owing.account_id)
    by_recovery = "recovery" in request.POST or request.GET.get("with") == Factor.RECOVERY
    challenge = passkeys.new_challenge()
    context = {
        "form": recovery_form if by_recovery else app_form,
        "by_recovery": by_recovery,
        "has_app": held.totp_since is not None,
        "has_codes": held.codes_left > 0,
        "question": ceremony.question(request, owing.account_id, challenge) if held.passkeys else "",
        "problem": problem,
    }
    response = render(request, "portal/identity/factors/second.html", context)
    return ceremony.keep(response, ceremony.SECOND, challenge) if held.passkeys else response
