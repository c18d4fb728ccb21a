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


def _security(params: Params, _secret: str) -> str:
    """What changed, and what to do when it was somebody else."""
    what = {
        "new device": _("Somebody signed in to your cabinet from a new device."),
        "password set": _("The password of your cabinet was changed."),
        "password locked": _("The password of your cabinet is locked after wrong tries. You can enter by code."),
        "email set": _("The e-mail address of your cabinet was changed."),
        "email removed": _("The e-mail address was taken from your cabinet."),
        "factor added": _("A second proof was added to your cabinet."),
        "factor removed": _("A second proof was removed from your cabinet."),
        "codes made": _("New recovery codes were made for your cabinet."),
        "link added": _("Entry by another service was added to your cabinet."),
        "link removed": _("Entry by another service was removed from your cabinet."),
        "pin set": _("A PIN was set in the app on one of your devices."),
        "sim replaced": _("The SIM of one of your numbers was replaced."),
        "forwarding changed": _("Call forwarding of one of your numbers was changed."),
        "number blocked": _("One of your numbers was blocked."),
        "number gone": _("One of your numbers is not yours any more and was taken from your cabinet."),
        "agent verified": _("A member of our staff checked who you are."),
        "agent acted": _("A member of our staff did something in your cabinet at your request."),
        "sessions ended": _("Your cabinet was closed on other devices."),
        "exported": _("A copy of your data was downloaded from your cabinet."),
        "erasure asked": _("The deletion of your cabinet was asked for."),
        "erasure undone": _("The deletion of your cabinet was called off."),
        "cabinet off": _("Your cabinet was switched off."),
        "cabinet on": _("Your cabinet was switched on."),
        "frozen": _("Your cabinet is protected: nothing dangerous can be changed in it."),
        "thawed": _("The protection of your cabinet was lifted."),
    }
    return f"{what[params['kind']]} {_('It was not you? Sign in, open Security and tell us there, or call us.')}"


TEMPLATES: dict[str, Callable[[Params, str], str]] = {
    "code": _code,
    "security": _security,
}
