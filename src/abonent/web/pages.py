"""The language switch, and the pieces of the installable site: manifest, service worker, the offline page."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from abonent.web import stylesheet

ICONS = ((192, "any"), (512, "any"), (512, "maskable"))
# What the service worker keeps, besides the offline page: nothing that speaks of a person.
KEPT = (
    "fonts/golos-cyrillic.woff2",
    "fonts/golos-latin.woff2",
    "fonts/golos-rouble.woff2",
    "app.js",
    "icons/favicon.svg",
)


def switch_language(request: HttpRequest) -> HttpResponse:
    """Remember the language `to` in a cookie and go back to `next`, a page of this site."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    given = request.POST if request.method == "POST" else request.GET
    response = HttpResponseRedirect(_safe(given.get("next", ""), request))
    wanted = given.get("to", "")
    if wanted in dict(settings.LANGUAGES):
        remember(response, wanted)
    response["Cache-Control"] = "no-store"
    return response


def remember(response: HttpResponse, language: str) -> None:
    """Let the browser speak `language` from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def _safe(address: str, request: HttpRequest) -> str:
    # Only an address of this site, and one that a header can hold.
    here = len(address) <= 2000 and address.startswith("/") and address.isprintable()
    if not here or not url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return "/"
    return address


def manifest(request: HttpRequest) -> HttpResponse:
    """Answer the web app manifest in the language `lang` of the address, else of the visitor."""
    code = request.GET.get("lang", "")
    language = code if code in dict(settings.LANGUAGES) else translation.get_language()
    ground, _ = stylesheet.theme_colors()
    with translation.override(language):
        name = settings.OPERATOR_NAME.get(language, settings.OPERATOR_NAME[settings.LANGUAGE_CODE])
        document = {
            "id": "/",
            "name": gettext("%(operator)s: personal account") % {"operator": name},
            "short_name": name,
            "description": gettext("Balance, left-overs and expenses of your numbers"),
            "lang": language,
            "dir": "ltr",
            "start_url": "/app/",
            "scope": "/",
            "display": "standalone",
            "background_color": ground,
            "theme_color": ground,
            "icons": [
                {"src": _icon(size, purpose), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
                for size, purpose in ICONS
            ],
            "shortcuts": [
                {"name": gettext("Expenses"), "url": "/app/?next=/expenses/"},
                {"name": gettext("Statement"), "url": "/app/?next=/statement/"},
            ],
        }
    return JsonResponse(
        document, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False},
        headers={"Cache-Control": "public, max-age=3600"},
    )  # fmt: skip


def _icon(size: int, purpose: str) -> str:
    return static(f"icons/icon-{size}{'-maskable' if purpose == 'maskable' else ''}.png")


def service_worker(request: HttpRequest) -> HttpResponse:
    """Answer the service worker; it changes, and so renews what it keeps, with any static file."""
    kept = [stylesheet.address(), *(static(name) for name in KEPT)]
    version = hashlib.sha256("".join(kept).encode()).hexdigest()[:8]
    response = render(
        request, "web/sw.js", {"kept": kept, "version": version}, content_type="text/javascript; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache"
    return response


def offline(request: HttpRequest) -> HttpResponse:
    """Answer the page shown without a network; it knows nobody, the browser fills in what it last saw."""
    response = render(request, "web/offline.html", {})
    response["Cache-Control"] = "no-cache"
    return response
