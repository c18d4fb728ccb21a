"""Pages of logins at other services: the way there and back, adding one, taking one away.

Nobody is made by such a login. One that nobody knows waits until the person signs in once by the number.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from secrets import token_urlsafe
from urllib.parse import urlencode

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from requests import RequestException

from abonent.domains.identity import links, recognition
from abonent.domains.identity.rules import Way
from abonent.domains.identity.sessions import FROZEN
from abonent.entrypoints.portal.admission import Proven, admit
from abonent.entrypoints.portal.identity.federation import waiting, words
from abonent.entrypoints.portal.identity.federation.arrival import Arrived, Failed, Trouble
from abonent.entrypoints.portal.identity.federation.offer import Service
from abonent.entrypoints.portal.visitor import (
    HOME,
    LOGIN,
    Visitor,
    factor_proof,
    fresh_proof_by,
    safe_address,
    signed_in,
)
from abonent.foundation.clock import now

LINKS = "/security/links/"
LINKING = "/login/linking/"
# As long as the library keeps what it sent the person away with.
AWAY_FOR = timedelta(minutes=10)
# What a stranger's answer makes the library stumble over; each means that the answer proves nothing.
STRANGE = (KeyError, TypeError, ValueError, AttributeError, RecursionError, ImproperlyConfigured, OAuth2Error)

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
def start(request: HttpRequest, service: str) -> HttpResponse:
    """Send the person to the service, to come back signed in."""
    if service not in settings.LOGINS:
        raise Http404
    wanted = safe_address(request.POST.get("next", ""))
    if request.method != "POST":
        return HttpResponseRedirect(LOGIN)
    return _leave(request, service, wanted, account_id=0)


@require_http_methods(["GET", "HEAD"])
@never_cache
def callback(request: HttpRequest, service: str) -> HttpResponse:
    """Hear what the service says, once; let in whom it opens a cabinet for."""
    if service not in settings.LOGINS:
        raise Http404
    try:
        _listen(request, service)
    except Arrived as arrived:
        return _arrive(request, arrived)
    except Failed as failed:
        return _failed(request, service, failed.trouble)
    except STRANGE:
        return _failed(request, service, Trouble.STRANGE)
    raise AssertionError("the library goes on only through `arrival`")


@page
@never_cache
def linking(request: HttpRequest) -> HttpResponse:
    """Say to somebody whose login opens nothing yet how it will: by signing in once. A POST forgets the login."""
    waits = waiting.held(request)
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "POST":
        waiting.drop(request)
    if request.method == "POST" or waits is None:
        return HttpResponseRedirect(f"{LOGIN}?{urlencode({'next': wanted})}")
    context = {"service": words.name_of(waits.service), "name": waits.name, "next": wanted}
    return render(request, "portal/identity/federation/linking.html", context)


@page
@signed_in
def linked(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what came of adding a login."""
    told = waiting.told(request)
    if told is None:
        return HttpResponseRedirect(LINKS)
    context = {
        "visitor": visitor,
        "said": words.outcome(told.outcome, told.service),
        "good": told.outcome in (links.Outcome.LINKED, links.Outcome.ALREADY),
        "name": told.name,
        "next": safe_address(request.GET.get("next", "")),
    }
    return render(request, "portal/identity/federation/linked.html", context)


@page
@signed_in
def list_of_links(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show which logins open the cabinet, and which could."""
    found = links.links_of(visitor.account_id)
    taken = {link.service for link in found}
    waits = waiting.held(request)
    context = {
        "visitor": visitor,
        "links": [(link, words.name_of(link.service)) for link in found],
        "others": [Service(one, words.name_of(one)) for one in settings.LOGINS if one not in taken],
        "waiting": words.name_of(waits.service) if waits else "",
        "waiting_name": waits.name if waits else "",
        "held_back": waiting.is_held_back(request, fresh_proof_by(request)),
        "removed": "removed" in request.GET,
    }
    return render(request, "portal/identity/federation/links.html", context)


@page
@factor_proof
def add(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Send the person to a service, to come back with a login that opens the cabinet from then on."""
    service = request.POST.get("service", "")
    if request.method != "POST" or waiting.is_held_back(request, fresh_proof_by(request)):
        return HttpResponseRedirect(LINKS)
    if service not in settings.LOGINS:
        raise Http404
    return _leave(request, service, LINKS, account_id=visitor.account_id)


@page
@factor_proof
def add_waiting(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001 - `factor_proof` gives it
    """Add the login that waits in this browser."""
    return _add(request) if request.method == "POST" else HttpResponseRedirect(LINKS)


@page
@factor_proof
def remove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take a login away; the number and a code always remain."""
    link_id = request.POST.get("link", "")
    if request.method != "POST":
        return HttpResponseRedirect(LINKS)
    if not (link_id.isascii() and link_id.isdecimal() and len(link_id) < 19):
        raise Http404
    if links.unlink(account_id=visitor.account_id, link_id=int(link_id), at=now()) is None:
        raise Http404
    return HttpResponseRedirect(f"{LINKS}?removed")


def _leave(request: HttpRequest, service: str, wanted: str, *, account_id: int) -> HttpResponse:
    """Answer with a page that leads on by itself.

    A redirect would be the form's own, and a browser follows that only to addresses that the page with the form
    allows, each further one of the service's included, which nobody can know.
    """
    nonce = token_urlsafe(24)
    data = {"next": wanted, "account": account_id, "nonce": nonce}
    asked = {}
    if settings.LOGINS[service].protocol == "openid_connect":
        asked = {"nonce": nonce, "ui_locales": get_language() or "ru"}
    try:
        provider = get_adapter(request).get_provider(request, service)
        answer = provider.redirect(request, process="login", data=data, auth_params=asked)
    except RequestException:
        return _failed(request, service, Trouble.DOWN)
    except (Failed, *STRANGE):
        return _failed(request, service, Trouble.STRANGE)
    if SESSION_KEY not in request.session:
        request.session.set_expiry(AWAY_FOR)
    context = {"service": words.name_of(service), "address": answer["Location"]}
    return render(request, "portal/identity/federation/leaving.html", context)


def _listen(request: HttpRequest, service: str) -> None:
    """Let the library hear the answer out; raise `Arrived` or `Failed`."""
    state = request.GET.get("state", "")
    # The session gives a state out once, but two answers at once could each still see it there.
    if state not in statekit.get_states(request) or not recognition.spend(
        f"login state|{state}", until=now() + 2 * AWAY_FOR
    ):
        raise Failed(Trouble.STALE)
    provider = get_adapter(request).get_provider(request, service)
    OAuth2CallbackView.adapter_view(provider.get_oauth2_adapter(request))(request)


def _arrive(request: HttpRequest, arrived: Arrived) -> HttpResponse:
    if arrived.data.get("account"):
        return _arrive_to_add(request, arrived)
    wanted = safe_address(str(arrived.data.get("next", "")))
    account_id = links.account_of(service=arrived.service, uid=arrived.uid)
    if account_id is not None:
        links.note_use(service=arrived.service, uid=arrived.uid, at=now())
        return admit(request, Proven(account_id, 0, Way.SOCIAL, wanted))
    waiting.hold(request, service=arrived.service, uid=arrived.uid, name=arrived.name)
    if SESSION_KEY in request.session:
        return HttpResponseRedirect(LINKS)
    return HttpResponseRedirect(f"{LINKING}?{urlencode({'next': wanted})}")


def _arrive_to_add(request: HttpRequest, arrived: Arrived) -> HttpResponse:
    """Add the login to the account that sent the person away, if it still is the one signed in, and freshly proven."""
    account_id = int(arrived.data["account"])
    if request.session.get(SESSION_KEY) != str(account_id):
        return _failed(request, arrived.service, Trouble.STALE)
    waiting.hold(request, service=arrived.service, uid=arrived.uid, name=arrived.name)
    return HttpResponseRedirect(LINKS) if request.session.get(FROZEN) else _add(request)


def _add(request: HttpRequest) -> HttpResponse:
    """Add the login that waits in this browser, if the person proved afresh, and by more than a doubtful SMS."""
    waits, by = waiting.held(request), fresh_proof_by(request)
    if waits is None or by is None or waiting.is_held_back(request, by):
        return HttpResponseRedirect(LINKS)
    waiting.add(request, waits)
    return HttpResponseRedirect(f"{waiting.LINKED}?{urlencode({'next': LINKS})}")


def _failed(request: HttpRequest, service: str, trouble: Trouble) -> HttpResponse:
    signed = SESSION_KEY in request.session
    context = {
        "said": words.trouble(trouble, service),
        "service": "" if signed else service,
        "service_name": words.name_of(service),
        "back": LINKS if signed else LOGIN,
        "home": HOME,
    }
    status = {Trouble.DENIED: HTTPStatus.OK, Trouble.STALE: HTTPStatus.BAD_REQUEST}.get(trouble, HTTPStatus.BAD_GATEWAY)
    return render(request, "portal/identity/federation/failed.html", context, status=status)
