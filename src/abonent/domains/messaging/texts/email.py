"""The texts of e-mails: a subject, and plain text whose links begin with the operator's own address."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import autopay as texts_autopay
from abonent.domains.messaging.texts import bills as texts_bills
from abonent.domains.messaging.texts import corrections as texts_corrections
from abonent.domains.messaging.texts import families as texts_families
from abonent.domains.messaging.texts import fees as texts_fees
from abonent.domains.messaging.texts import idle as texts_idle
from abonent.domains.messaging.texts import limits as texts_limits
from abonent.domains.messaging.texts import orders as texts_orders
from abonent.domains.messaging.texts import packages as texts_packages
from abonent.domains.messaging.texts import promised as texts_promised
from abonent.domains.messaging.texts import requests as texts_requests
from abonent.domains.messaging.texts import subscriptions as texts_subscriptions
from abonent.domains.messaging.texts import topups as texts_topups
from abonent.domains.messaging.texts import transfers as texts_transfers
from abonent.domains.messaging.texts import voicemail as texts_voicemail
from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def subject(template: str, params: Params) -> str:
    """Return what stands over the letter."""
    over = {
        "code": lambda: _("Your code"),
        "temporary": lambda: _("Your one-time password"),
        "security": lambda: _("What changed in your cabinet"),
        "address_taken": lambda: _("This address was entered in another cabinet"),
        "bill": lambda: texts_bills.subject(params),
    } | dict.fromkeys(texts_topups.SMS, lambda: _("Your payment"))
    over |= dict.fromkeys(texts_autopay.SMS, lambda: _("Your autopay"))
    over |= dict.fromkeys(texts_corrections.SMS, lambda: _("Your account"))
    over |= dict.fromkeys(
        _ON_THE_NUMBER,
        lambda: words.of_line(
            params.get("number", "+"), phone=_("News of your number"), wire=_("News of your connection")
        ),
    )
    over |= dict.fromkeys(texts_requests.SMS, lambda: _("Your request"))
    confirms = template == "code" and params.get("purpose") == "address"
    said = _("Confirm your e-mail address") if confirms else over[template]()
    return f"{said} – {words.operator()}"


def _letter(*paragraphs: str) -> str:
    """Put a letter together: paragraphs, then who wrote it."""
    who = _("This letter was written by a program; answers to it are not read.")
    return "\n\n".join([_("Hello!"), *paragraphs, f"{words.operator()}\n{settings.ADDRESS}\n{who}"]) + "\n"


def _code(params: Params, code: str) -> str:
    return _letter(
        words.code_for(params) % {"code": code},
        words.keep_quiet(params["request"]),
        _("Nobody asked for it? Then do nothing: without the code nobody gets in."),
    )


def _temporary(params: Params, password: str) -> str:
    where = _("Type it in place of the password here:")
    return _letter(
        words.temporary(password, params),
        f"{where}\n{settings.ADDRESS}/login/password/",
        words.afterwards(params),
        _("Tell it to nobody, not even to our staff."),
    )


def _security(params: Params, _secret: str) -> str:
    where = _("Security of your cabinet:")
    return _letter(words.happened(params["kind"]), words.not_me(), f"{where}\n{settings.ADDRESS}/security/")


def _address_taken(_params: Params, _secret: str) -> str:
    return _letter(
        _("Somebody wanted to add this address to another cabinet. It stays with yours, and nothing has changed."),
        _("Was it you? Remove the address in the first cabinet, then add it to the other."),
        f"{_('Security of your cabinet:')}\n{settings.ADDRESS}/security/",
    )


def _bill(params: Params, _secret: str) -> str:
    return _letter(*texts_bills.paragraphs(params))


def _as_letter(text: Callable[[Params, str], str]) -> Callable[[Params, str], str]:
    """Return the letter that says what an SMS says."""
    return lambda params, secret: _letter(text(params, secret))


TEMPLATES: dict[str, Callable[[Params, str], str]] = {
    "code": _code,
    "temporary": _temporary,
    "security": _security,
    "address_taken": _address_taken,
    "bill": _bill,
}
# Who wants these by e-mail as well.
_ON_THE_NUMBER = texts_fees.TEMPLATES | texts_promised.TEMPLATES | texts_limits.TEMPLATES | texts_orders.SMS
_ON_THE_NUMBER |= texts_families.TEMPLATES
_ON_THE_NUMBER |= {
    name: texts_subscriptions.SMS[name]
    for name in ("subscription paused", "subscription goes on", "subscription refused")
}
_ON_THE_NUMBER |= texts_transfers.TEMPLATES | texts_packages.TEMPLATES | texts_voicemail.SMS | texts_idle.SMS
_ALIKE = texts_topups.SMS | texts_autopay.SMS | texts_corrections.SMS | texts_requests.SMS | _ON_THE_NUMBER
TEMPLATES |= {name: _as_letter(text) for name, text in _ALIKE.items()}
