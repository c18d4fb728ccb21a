"""The pages for what goes wrong: not found, an error of ours, a form too old, maintenance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or stale."""
    return HttpResponse("403", status=403)
