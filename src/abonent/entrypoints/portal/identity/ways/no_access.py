"""No access to the number: two questions, and the one way that will work. Nothing is asked about any number."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonent.domains.identity.rules_ways import Have, Sim, way_back
from abonent.entrypoints.portal.identity import codes


@require_safe
def no_access(request: HttpRequest) -> HttpResponse:
    """Ask where the SIM is and what else there is; lead to the way that works."""
    asked = "sim" in request.GET or "go" in request.GET
    sim = next((sim for sim in Sim if sim == request.GET.get("sim")), None)
    have = frozenset(have for have, _words in _haves() if have in request.GET.getlist("have"))
    context: dict[str, Any] = {
        "sims": _sims(),
        "haves": _haves(),
        "sim": sim,
        "have": have,
        "missing": asked and sim is None,
        "way": way_back(sim, have) if sim else None,
        "sms": {
            "keyword": settings.SMS_SENDER,
            "own_password": settings.SMS_SERVICE if settings.POLICY.password_by_sms else "",
        },
    }
    return render(request, "portal/identity/no_access.html", context)


def _sims() -> list[tuple[Sim, str]]:
    return [
        (Sim.HERE, _("In a phone that is with me, but the code does not come")),
        (Sim.ELSEWHERE, _("It is mine, but not with me now")),
        (Sim.LOST, _("Lost, stolen or broken")),
        (Sim.ANOTHERS, _("I do not use the number any more, or somebody else has it")),
    ]


def _haves() -> list[tuple[Have, str]]:
    haves = [
        (Have.SIGNED_IN, _("Another device or the app where I am signed in")),
        (Have.PASSWORD, _("The password of the cabinet")),
        (Have.EMAIL, _("An e-mail address that I confirmed in the cabinet")),
        (Have.PASSKEY, _("A passkey: the fingerprint, face or key of a device")),
        (Have.CONTRACT, _("The papers of a home internet or TV contract")),
    ]
    return [pair for pair in haves if pair[0] is not Have.EMAIL or codes.by_email()]
