"""The texts of messages, in the language of the message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils import translation
from django.utils.translation import gettext as _

Params = Mapping[str, str]


class NoSuchTemplate(LookupError):
    """There is no text of that name."""


def render(template: str, params: Params, secret: str | None, language: str) -> str:
    """Return the text of `template`; raise `NoSuchTemplate` for a name that is not known."""
    try:
        text = TEMPLATES[template]
    except KeyError:
        raise NoSuchTemplate(template) from None
    with translation.override(language):
        return text(params, secret or "")


def _code(params: Params, code: str) -> str:
    """The code first, then what for; the last line lets a phone fill the code in on that host only."""
    what_for = {
        "entry": _("%(code)s is your sign-in code. Request %(request)s. Tell it to nobody, not even to our staff."),
        "confirm": _(
            "%(code)s confirms that it is you. Request %(request)s. Tell it to nobody, not even to our staff."
        ),
    }
    text = what_for[params["purpose"]] % {"code": code, "request": params["request"]}
    return f"{text}\n\n@{params['host']} #{code}"


TEMPLATES: dict[str, Callable[[Params, str], str]] = {
    "code": _code,
}
