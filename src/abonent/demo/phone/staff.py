"""What lies on the desks of the demo's staff: authenticator codes, and the sealed printer's paper."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from abonent.demo import staff
from abonent.demo.phone import printer
from abonent.foundation.clock import now


@never_cache
@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """Show what each authenticator app shows now."""
    at = now()
    people = [(one, staff.code(one.key, at)) for one in staff.hired(settings.ENVIRONMENT.var / "demo")]
    return render(request, "demo/staff.html", {"people": people, "left": staff.seconds_left(at)})


@never_cache
@require_safe
def paper(request: HttpRequest) -> HttpResponse:
    """Show what the sealed printer printed."""
    return render(request, "demo/printer.html", {"papers": printer.papers()})
