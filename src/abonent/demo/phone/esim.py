"""The page on which a phone of the demo installs an eSIM by its code, as its settings do."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.demo.network.esims import PHONES

TIMEOUT_S = 10
CODE_MAX = 400


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def install(request: HttpRequest) -> HttpResponse:
    """Ask whether the eSIM of `code` is to be installed; install it, and say what came of it."""
    given = request.POST if request.method == "POST" else request.GET
    code, said = given.get("code", "")[:CODE_MAX].strip(), ""
    if request.method == "POST":
        said = _fetch(code)
    return render(request, "demo/esim.html", {"code": code, "said": said})


def _fetch(code: str) -> str:
    """Return `installed`, `refused` or, when the server of profiles does not answer, `lost`."""
    address = urlsplit(settings.DEMO_NETWORK)
    line = HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_S)
    try:
        line.request("POST", PHONES, json.dumps({"code": code}), {"Content-Type": "application/json"})
        told = json.loads(line.getresponse().read())
    except (OSError, HTTPException, ValueError):
        return "lost"
    finally:
        line.close()
    return "installed" if told.get("installed") is True else "refused"
