"""Who brings a number proves to hold it, by a code; so does who wants to see the code of its eSIM."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from markupsafe import Markup

from abonent.domains.identity.rules import CaptchaNeeded, Channel, Purpose, TooMany
from abonent.domains.porting import queries
from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.bringing import sims as bringing_sims
from abonent.domains.porting.bringing.actions import Refused
from abonent.entrypoints.portal.identity import browser, codes
from abonent.entrypoints.portal.identity import words as code_words
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.codes import Asked, Send, Steps
from abonent.entrypoints.portal.porting import one_page, words
from abonent.foundation.clock import now

START = "/port-in/"
STEPS = Steps(Purpose.PORTING, START, f"{START}code/", f"{START}code/again/", (Channel.SMS,))
# What the code is asked for, behind the address of the request.
ESIM = "#esim"


@require_POST
@never_cache
def send(request: HttpRequest, port_ref: UUID) -> HttpResponse:
    """Send a code to the number: to confirm the request, or to see the code of its eSIM."""
    wanted = f"{START}{port_ref}/{ESIM if request.POST.get('for') == 'esim' else ''}"
    return ask(request, port_ref, wanted)


def ask(request: HttpRequest, ref: UUID, wanted: str) -> HttpResponse:
    """Send the code and lead to the page where it is entered; if none is sent now, say so at the request."""
    try:
        found = queries.port_in(ref)
        return codes.ask(request, STEPS, found.number, wanted, _to(request, ref))
    except queries.NoSuchPort:
        raise Http404 from None
    except CaptchaNeeded:
        return captcha.ask(request, back=f"{START}{ref}/", typed={})
    except TooMany as error:
        return codes.too_many(one_page.show(request, ref, problem=code_words.refused(error)), error)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent; with it the number is asked for, or the eSIM's own code is shown."""

    def use(held: Held, typed: str) -> HttpResponse:
        try:
            ref = bringing.prove(challenge_id=held.challenge_id, typed=typed, at=now()).ref
        except Refused as refused:
            return one_page.show(request, _ref(held), problem=words.refused(refused), status=409)
        if held.next.endswith(ESIM):
            return _esim(request, ref)
        return HttpResponseRedirect(f"{START}{ref}/")

    return codes.enter(request, STEPS, browser.held_by(request, Purpose.PORTING), use)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def again(request: HttpRequest) -> HttpResponse:
    """Send the code once more, or a new one when the old is no good any more."""
    held = browser.held_by(request, Purpose.PORTING)
    return codes.send_again(request, STEPS, lambda _waiting: _to(request, _ref(held)))


def _to(request: HttpRequest, ref: UUID) -> Send:
    def send(asked: Asked) -> UUID:
        return bringing.send_code(
            ref=ref, again=asked.again, origin=browser.origin_of(request), host=browser.host_of(request),
            language=codes.language(), at=now(), solved=asked.solved,
        )  # fmt: skip

    return send


def _ref(held: Held | None) -> UUID:
    """Return which request the browser asked the code for."""
    try:
        return UUID((held.next if held else "").removesuffix(ESIM).strip("/").rpartition("/")[2])
    except ValueError:
        raise Http404 from None


def _esim(request: HttpRequest, ref: UUID) -> HttpResponse:
    try:
        code = bringing_sims.show_code(ref=ref, at=now())
    except (bringing_sims.NoCode, queries.NoSuchPort):
        said = _("There is no code to show: the eSIM is installed, or its code is not there yet.")
        return one_page.show(request, ref, problem=said, status=409)
    drawn = segno.make(code, error="m", micro=False)
    picture = drawn.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    context = {
        "back": f"{START}{ref}/", "code": code, "parts": code.split("$")[1:], "qr": Markup(picture),  # noqa: S704 - our own
        "install": settings.ESIM_INSTALL.format(code=quote(code, safe="")),
    }  # fmt: skip
    return render(request, "portal/porting/esim.html", context)
