"""The texts of SMS, in the language of the message; other channels say the same in `texts.email`, `texts.voice`."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import autopay as texts_autopay
from abonent.domains.messaging.texts import bills as texts_bills
from abonent.domains.messaging.texts import corrections as texts_corrections
from abonent.domains.messaging.texts import email as texts_email
from abonent.domains.messaging.texts import families as texts_families
from abonent.domains.messaging.texts import fees as texts_fees
from abonent.domains.messaging.texts import fixed as texts_fixed
from abonent.domains.messaging.texts import handset as texts_handset
from abonent.domains.messaging.texts import idle as texts_idle
from abonent.domains.messaging.texts import limits as texts_limits
from abonent.domains.messaging.texts import orders as texts_orders
from abonent.domains.messaging.texts import packages as texts_packages
from abonent.domains.messaging.texts import porting as texts_porting
from abonent.domains.messaging.texts import promised as texts_promised
from abonent.domains.messaging.texts import requests as texts_requests
from abonent.domains.messaging.texts import sharing as texts_sharing
from abonent.domains.messaging.texts import subscriptions as texts_subscriptions
from abonent.domains.messaging.texts import topups as texts_topups
from abonent.domains.messaging.texts import transfers as texts_transfers
from abonent.domains.messaging.texts import voice as texts_voice
from abonent.domains.messaging.texts import voicemail as texts_voicemail
from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params

Text = Callable[[Params, str], str]


class NoSuchTemplate(LookupError):
    """There is no text of that name for that channel."""


def render(template: str, params: Params, secret: str | None, language: str, channel: str = "sms") -> str:
    """Return the text of `template` for the channel; raise `NoSuchTemplate` for a name that is not known there."""
    written = {"sms": TEMPLATES, "email": texts_email.TEMPLATES, "voice": texts_voice.TEMPLATES}[channel]
    try:
        text = written[template]
    except KeyError:
        raise NoSuchTemplate(f"{template} by {channel}") from None
    with translation.override(language):
        return text(params, secret or "")


def subject(template: str, params: Params, language: str) -> str:
    """Return the subject of an e-mail. Mail servers write subjects down, so no secret is in it."""
    with translation.override(language):
        return texts_email.subject(template, params)


def _code(params: Params, code: str) -> str:
    """The code first, then what for; the last line lets a phone fill the code in on that host only."""
    text = words.code_for(params) % {"code": code}
    quiet = words.keep_quiet(params["request"], params["purpose"])
    if params["purpose"] in words.TOLD_TO_OTHERS:
        # It is entered in another browser: no phone is to fill it in here.
        return f"{text} {quiet}"
    return f"{text} {quiet}\n\n@{params['host']} #{code}"


def _temporary(params: Params, password: str) -> str:
    return " ".join(
        [
            words.temporary(password, params),
            _("Sign in at %(site)s, number and password.") % {"site": words.site()},
            words.afterwards(params),
            _("Tell it to nobody."),
        ]
    )


def _own_password(params: Params, _secret: str) -> str:
    """What became of a password that somebody sent by SMS."""
    if problem := params.get("problem"):
        failed = _("Your password was not changed: %(why)s.") % {"why": words.password_problem(problem)}
        return f"{failed} {_how_by_sms()}"
    return _("The password you sent by SMS is your permanent password now.")


def _security(params: Params, _secret: str) -> str:
    """What changed, and what to do when it was somebody else."""
    return f"{words.happened(params['kind'])} {words.not_me()}"


def _free() -> str:
    return _("These messages are free.")


def _keyword_help(_params: Params, _secret: str) -> str:
    by_code = _("To enter your cabinet without a password, ask for a code at %(site)s.") % {"site": words.site()}
    by_word = _("For a one-time password send %(word)s to %(number)s.") % {
        "word": _("PASSWORD"),
        "number": settings.SMS_SENDER,
    }
    by_menu = _(
        "Send BALANCE, LEFT, SERVICES, SUBSCRIPTIONS, PACKAGES, TARIFF, PROMISE, BLOCK or CANCEL to %(number)s,"
        " or dial *111#."
    ) % {"number": settings.SMS_SERVICE}
    return " ".join([_("We did not understand you."), by_menu, by_word, *_own_way(), by_code, _free()])


def _own_way() -> list[str]:
    return [_how_by_sms()] if settings.POLICY.password_by_sms else []


def _how_by_sms() -> str:
    return _("To set a password of your own send 25, a space and the password, without quotes, to %(number)s.") % {
        "number": settings.SMS_SERVICE
    }


def _own_form(_params: Params, _secret: str) -> str:
    example = _("The password has %(count)s characters or more, with digits, capital and small letters.") % {
        "count": settings.POLICY.password_length_min
    }
    return f"{_how_by_sms()} {example} {_free()}"


def _own_closed(_params: Params, _secret: str) -> str:
    """A password does not travel by SMS here; what works instead."""
    return " ".join(
        [
            _("We take no passwords by SMS and did not keep yours. Use it nowhere: SMS can be read on the way."),
            _("For a one-time password send %(word)s to %(number)s.")
            % {"word": _("PASSWORD"), "number": settings.SMS_SENDER},
            _("You set a password of your own at %(site)s.") % {"site": words.site()},
            _free(),
        ]
    )


def _held(params: Params, _secret: str) -> str:
    """After the SIM or the forwarding changed an SMS proves nothing: what is left, and until when."""
    why = {
        "sim": _("The SIM of this number was replaced lately."),
        "forwarding": _("Call forwarding of this number was changed lately."),
    }
    until = _("For your safety no password is sent by SMS until %(until)s.") % {"until": words.moment(params["until"])}
    left = _("Enter at %(site)s by e-mail, by passkey or on a device you use, or come to our shop with your document.")
    return f"{why[params['reason']]} {until} {left % {'site': words.site()}}"


def _protected(_params: Params, _secret: str) -> str:
    """The owner had the cabinet protected: what lifts that."""
    why = _("Your cabinet is protected, so no password is made for it.")
    left = _("Enter by code at %(site)s and lift the protection there, or call us.") % {"site": words.site()}
    return f"{why} {left}"


def _busy(params: Params, _secret: str) -> str:
    """Too many codes and passwords went to the number."""
    if until := params.get("until"):
        return _("Too many messages went to this number. Ask again after %(until)s.") % {"until": words.moment(until)}
    return _("No codes are sent to this number any more. Call us or come to our shop with your document.")


def _erased(_params: Params, _secret: str) -> str:
    return _("Your cabinet was deleted, as you asked, and nothing in it is kept. The contract of your number goes on.")


TEMPLATES: dict[str, Text] = {
    "code": _code,
    "security": _security,
    "erased": _erased,
    "temporary": _temporary,
    "own password": _own_password,
    "keyword help": _keyword_help,
    "keyword form": _own_form,
    "keyword closed": _own_closed,
    "keyword held": _held,
    "keyword busy": _busy,
    "keyword protected": _protected,
}
TEMPLATES |= texts_promised.TEMPLATES | texts_fees.TEMPLATES | texts_bills.TEMPLATES
TEMPLATES |= texts_transfers.TEMPLATES | texts_topups.SMS | texts_autopay.SMS | texts_limits.TEMPLATES
TEMPLATES |= texts_corrections.SMS | texts_fixed.SMS | texts_requests.SMS | texts_sharing.SMS
TEMPLATES |= texts_orders.SMS | texts_packages.TEMPLATES | texts_voicemail.SMS | texts_subscriptions.SMS
TEMPLATES |= texts_families.TEMPLATES | texts_handset.SMS | texts_idle.SMS | texts_porting.SMS
