"""Codes dialled on the phone on screen, and the presses that follow: what a USSD gateway would bring."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from abonent.demo.phone import messages, rules
from abonent.demo.phone.models import Dialled
from abonent.domains.lines import handset as lines
from abonent.entrypoints.ussd import dialog
from abonent.foundation.clock import now

# The keys of a handset, and no more of them than a network takes.
KEYS = re.compile(r"[0-9*#]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the handset shows of a session, and the number of the next press."""

    key: UUID
    step: int
    text: str
    goes_on: bool


@require_http_methods(["POST"])
def dial(request: HttpRequest) -> HttpResponse:
    """Dial the code `text` on the handset `number`, or press it in the session `session`, whose press `step` it is."""
    try:
        number = rules.handset(request.POST.get("number"))
    except rules.BadMessage:
        return HttpResponseRedirect("/phone/")
    typed = request.POST.get("text", "").strip()
    if not messages.is_on(number) or not KEYS.fullmatch(typed):
        return _back(number, None)
    try:
        key, step = UUID(request.POST.get("session", "")), int(request.POST.get("step", "0"))
    except ValueError:
        key, step = uuid4(), 0
    return _back(number, _press(key, number, step if 0 <= step < 100 else 0, typed))


def shown(number: str, typed: str) -> Shown | None:
    """Return what the handset shows of the session of that name, None: it is not one of its own."""
    try:
        row = Dialled.objects.filter(key=UUID(typed), number=number).first()
    except ValueError:
        return None
    return Shown(row.key, row.step, row.text, row.goes_on) if row else None


def _press(key: UUID, number: str, step: int, typed: str) -> UUID | None:
    at = now()
    if Dialled.objects.filter(key=key).exclude(number=number).exists():
        return None
    screen = dialog.press(
        session=f"phone-{key}", step=step, number=number, subscriber=lines.sim_of(number), text=typed, at=at
    )
    Dialled.objects.update_or_create(
        key=key,
        defaults={
            "number": number, "step": step + 1, "text": screen.text, "goes_on": screen.goes_on, "dialled_at": at,
        },
    )  # fmt: skip
    return key


def _back(number: str, key: UUID | None) -> HttpResponseRedirect:
    query = {"number": number} | ({"ussd": f"{key}"} if key else {})
    return HttpResponseRedirect(f"/phone/?{urlencode(query)}#dial")
