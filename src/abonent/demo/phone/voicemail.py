"""Somebody calls the handset, gets no answer and leaves a message, as the voicemail platform would bring it."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from abonent.demo import tones
from abonent.demo.phone import rules
from abonent.domains.voice.voicemail import actions as voicemail
from abonent.foundation.clock import now

LENGTH_S = 12


@require_http_methods(["POST"])
def leave(request: HttpRequest) -> HttpResponseRedirect:
    """Leave a message for `number` from `caller`, empty: with the number withheld; say what became of it."""
    try:
        number = rules.handset(request.POST.get("number"))
    except rules.BadMessage:
        return HttpResponseRedirect("/phone/")
    typed = request.POST.get("caller", "").strip()
    try:
        caller = rules.handset(typed) if typed else ""
    except rules.BadMessage:
        return HttpResponseRedirect(f"/phone/?{urlencode({'number': number, 'voice': 'caller'})}")
    at = now()
    new = voicemail.receive(
        number=number, caller=caller, key=f"phone-{uuid4()}", content=tones.spoken(LENGTH_S), left_at=at, at=at
    )
    return HttpResponseRedirect(f"/phone/?{urlencode({'number': number, 'voice': 'left' if new else 'none'})}")
