"""The picture of a question, and another question for whoever cannot read it."""

from __future__ import annotations

from io import BytesIO

from captcha.image import ImageCaptcha
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.identity import captcha
from abonent.domains.identity.rules_risk import CaptchaKind
from abonent.entrypoints.portal.identity import browser
from abonent.entrypoints.portal.identity.captcha import gate
from abonent.foundation.clock import now

WIDTH, HEIGHT = 240, 80
INK, GROUND = (20, 32, 30), (255, 255, 255)


class Picture(ImageCaptcha):
    """Digits as dark as our ink is: the library takes how dark they are for how thin they are painted."""

    lookup_table = [min(255, 8 * shade) for shade in range(256)]


@require_safe
@never_cache
def picture(request: HttpRequest) -> HttpResponse:
    """Draw the digits of the question that this browser holds; to any other browser there is no such picture."""
    held = gate.held_by(request)
    device = browser.origin_of(request).device
    if held is None or not captcha.is_open(captcha_id=held.captcha_id, device=device, at=now()):
        raise Http404
    digits = captcha.answer(held.captcha_id, CaptchaKind.PICTURE)
    drawn = BytesIO()
    Picture(WIDTH, HEIGHT).generate_image(digits, bg_color=GROUND, fg_color=INK).save(drawn, "PNG")
    return HttpResponse(drawn.getvalue(), content_type="image/png")


@require_POST
def another(request: HttpRequest) -> HttpResponse:
    """Put another question, a picture or words as the button says; what was typed in the form stays."""
    held = gate.held_by(request)
    if held is None:
        return HttpResponseRedirect("/login/")
    kind = CaptchaKind.WORDS if request.POST.get("kind") == CaptchaKind.WORDS else CaptchaKind.PICTURE
    typed = {name: request.POST.get(name, value) for name, value in held.typed.items()}
    # A box that is not ticked is not sent.
    if "remember" in typed and "remember" not in request.POST:
        typed["remember"] = ""
    return gate.put(request, back=held.back, typed=typed, kind=kind)
