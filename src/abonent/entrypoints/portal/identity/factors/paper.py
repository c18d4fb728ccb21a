"""Recovery codes, shown once: on the page, on paper, as a file. They wait in the session, sealed, until then."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.identity import queries
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors.rules import recovery_code_shown
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof
from abonent.foundation import vault
from abonent.foundation.clock import now

NEW_CODES = "new_codes"
PURPOSE = "codes to show"
SHOWN_FOR = timedelta(minutes=10)
OVERVIEW = "/security/factors/"


def make(request: HttpRequest, visitor: Visitor) -> None:
    """Make new codes in place of all earlier ones, to be shown by the next page."""
    made = factors.make_codes(account_id=visitor.account_id, at=now())
    until = (now() + SHOWN_FOR).timestamp()
    request.session[NEW_CODES] = [vault.seal(" ".join(made), purpose=PURPOSE), until]


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof
def codes(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the new codes until the person says that they are kept."""
    if "kept" in request.POST:
        request.session.pop(NEW_CODES, None)
        return HttpResponseRedirect(OVERVIEW)
    shown = _shown(request)
    if not shown:
        return HttpResponseRedirect(OVERVIEW)
    return render(request, "portal/identity/factors/codes.html", {"visitor": visitor, "codes": shown})


@require_safe
@fresh_proof
def codes_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Answer the new codes as a text file."""
    shown = _shown(request)
    if not shown:
        return HttpResponseRedirect(OVERVIEW)
    language = queries.standing(visitor.account_id).language
    operator = settings.OPERATOR_NAME.get(language) or settings.OPERATOR_NAME[settings.LANGUAGE_CODE]
    head = _("%(operator)s: recovery codes. Each opens the cabinet once, after a code or the password") % {
        "operator": operator
    }
    text = "\r\n".join([head, "", *shown, ""])
    return HttpResponse(
        text.encode("utf-8-sig"),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="recovery-codes.txt"',
            "Cache-Control": "private, no-store",
        },
    )


def _shown(request: HttpRequest) -> list[str]:
    sealed, until = request.session.get(NEW_CODES, ("", 0))
    if until <= now().timestamp():
        return []
    return [recovery_code_shown(code) for code in vault.unseal(sealed, purpose=PURPOSE).split()]
