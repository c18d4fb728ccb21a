"""The pages for what goes wrong: not found, an error of ours, a form too old, maintenance.

They look the same to everybody: whether one is signed in never shows, nor whether a thing of somebody else exists.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.http import http_date

from abonent.foundation import clock


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Answer an address where nothing is, or nothing for this person."""
    return _page(request, "errors/not_found.html", 404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Answer a request that cannot be understood, or is too large."""
    return _page(request, "errors/bad_request.html", 400)


def too_large(request: HttpRequest) -> HttpResponse:
    """Answer a request that is larger than anything that is taken there; nothing of it was read."""
    return _page(request, "errors/too_large.html", 413)


def method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """Answer a method that the address does not know; `allowed` are the ones it does, as the header writes them."""
    response = _page(request, "errors/bad_request.html", 405)
    response["Allow"] = allowed
    return response


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Answer what this person may not do."""
    return _page(request, "errors/forbidden.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Answer a form whose token is missing or stale: nothing happened, and here is the form anew."""
    again = request.path if request.method == "POST" else "/"
    return _page(request, "errors/stale_form.html", 403, again=again)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after an error of ours; asks neither the database nor the session, which may be what failed."""
    return HttpResponse(loader.render_to_string("errors/server_error.html", {"request": request}), status=500)


def maintenance(request: HttpRequest, until: datetime) -> HttpResponse:
    """Answer every page while the site is closed until a known time."""
    response = HttpResponse(
        loader.render_to_string("errors/maintenance.html", {"until": until, "request": request}), status=503
    )
    seconds = max(60, round((until - clock.now()).total_seconds()))
    response["Retry-After"] = str(seconds)
    response["Expires"] = http_date(0)
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, template: str, status: int, **context: object) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response
