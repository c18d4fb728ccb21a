"""The text of an SMS that somebody left a voice message."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _left(params: Params, _secret: str) -> str:
    length_s = int(params["length"])
    said = {
        "number": params["number"],
        "caller": params["caller"] or _("a hidden number"),
        "length": f"{length_s // 60}:{length_s % 60:02}",
        "site": words.site(),
    }
    return _("%(number)s: a voice message from %(caller)s, %(length)s. Listen: %(site)s/calls/voicemail/") % said


SMS: dict[str, Callable[[Params, str], str]] = {"voice message": _left}
