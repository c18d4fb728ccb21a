"""What is read out in calls: short, every sign by itself, twice."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def spelt(secret: str) -> str:
    """Return the secret sign by sign, with a pause between them."""
    return ", ".join(secret)


def _code(params: Params, code: str) -> str:
    said = words.code_for(params) % {"code": spelt(code)}
    return _twice(said)


def _twice(said: str) -> str:
    return " ".join(
        [
            _("Hello, this is %(operator)s.") % {"operator": words.operator()},
            said,
            _("Once more:"),
            said,
            _("Tell it to nobody, not even to our staff."),
        ]
    )


TEMPLATES: dict[str, Callable[[Params, str], str]] = {"code": _code}
