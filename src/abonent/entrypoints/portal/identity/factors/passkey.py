"""Entry by a passkey: no number, no name, one touch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import passkeys
from abonent.domains.identity.factors.rules import FactorError
from abonent.domains.identity.rules import Way
from abonent.entrypoints.portal.admission import Proven, admit
from abonent.entrypoints.portal.identity import browser
from abonent.entrypoints.portal.identity.factors import ceremony, words
from abonent.entrypoints.portal.visitor import safe_address, visitor_of
from abonent.foundation.clock import now

NO_LINE = 0


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """Ask the browser for a passkey of ours, whosever it is; open the session of its owner."""
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    problem = ""
    if request.method == "POST":
        try:
            account_id = passkeys.prove(
                answer=request.POST.get("passkey", ""),
                challenge=ceremony.challenge_for(request, ceremony.ENTER),
                site=ceremony.site_of(request),
                at=now(),
            )
        except FactorError as error:
            problem = words.of_passkey(error)
        else:
            response = admit(request, Proven(account_id, NO_LINE, Way.PASSKEY, wanted))
            browser.drop_question(response, ceremony.ENTER)
            return response
    elif visitor_of(request):
        return HttpResponseRedirect(wanted)
    challenge = passkeys.new_challenge()
    context = {"question": ceremony.question(request, None, challenge), "next": wanted, "problem": problem}
    response = render(request, "portal/identity/factors/passkey.html", context)
    browser.mark(request, response)
    return ceremony.keep(response, ceremony.ENTER, challenge)
