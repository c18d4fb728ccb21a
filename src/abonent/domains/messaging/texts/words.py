"""Sentences that several channels say alike, in the language that is active."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Params = Mapping[str, str]
TEMPORARY_LIFE_MIN = "30"
# Codes by which the owner of a number agrees: told to who asks, and entered there.
TOLD_TO_OTHERS = ("share", "family")


def operator() -> str:
    """Return the operator's name in the language that is active."""
    names: Mapping[str, str] = settings.OPERATOR_NAME
    return names.get(translation.get_language() or "", names[settings.LANGUAGE_CODE])


def site() -> str:
    """Return the site's address as people read it, without the protocol."""
    return str(settings.ADDRESS).partition("://")[2]


def code_for(params: Params) -> str:
    """Return what the code of these `params` is for, as a sentence with a place for the code."""
    if params["purpose"] == "money":
        # What is confirmed stands beside the code, so that nobody is talked into confirming something else.
        if "bucket" in params:
            what = {"code": "%(code)s", "amount": quantity(params), "number": params["number"]}
            return _("%(code)s confirms that %(number)s gets %(amount)s of yours.") % what
        what = {"code": "%(code)s", "sum": money(params["amount_minor"]), "number": params["number"]}
        if "monthly" in params:
            return _("%(code)s confirms: up to %(sum)s a month from your balance for %(number)s.") % what
        return _("%(code)s confirms the transfer of %(sum)s to %(number)s.") % what
    if params["purpose"] == "share":
        # Who asks for what: the owner says yes by telling the code, and only to that person.
        return _("%(code)s lets %(number)s see your number: %(role)s.") % {
            "code": "%(code)s",
            "number": params["number"],
            "role": shared_as(params["role"]),
        }
    if params["purpose"] == "family":
        told = _("%(code)s lets your number into the family of %(number)s: a common package, they pay %(sum)s.")
        return told % {"code": "%(code)s", "number": params["number"], "sum": money(params["amount_minor"])}
    what_for = {
        "entry": _("%(code)s is your sign-in code."),
        "confirm": _("%(code)s confirms that it is you."),
        "reset": _("%(code)s is the code for a new password."),
        "contract": _("%(code)s is the code to enter the cabinet of your contract."),
        "email": _("%(code)s is your sign-in code."),
        "address": _("%(code)s confirms that this e-mail address is yours."),
        "porting": _("%(code)s confirms that you bring this number to another operator."),
    }
    return what_for[params["purpose"]]


def shared_as(role: str) -> str:
    """Return what a role gives, in a few words that fit in a message; `role` is one of `lines.sharing.rules.Role`."""
    return {
        "full": _("balance, expenses, bills, services and tariff"),
        "accountant": _("balance, expenses, bills"),
        "child": _("balance, what is left, expenses, services and tariff"),
        "viewer": _("balance and top-up only"),
    }[role]


def of_line(number: str, *, phone: str, wire: str) -> str:
    """Return the sentence for the kind of line: one by wire or dish has a login, and is nobody's number."""
    return phone if number.startswith("+") else wire


def money(minor: str) -> str:
    """Return minor units as a sum, `1 234,50 ₽`; blanks inside are no-break."""
    whole, rest = divmod(abs(int(minor)), 100)
    russian = (translation.get_language() or "").startswith("ru")
    mark, group = (",", "\N{NO-BREAK SPACE}") if russian else (".", ",")
    grouped = f"{whole:,}".replace(",", group)
    return f"{grouped}{mark}{rest:02}\N{NO-BREAK SPACE}₽"


def quantity(params: Params) -> str:
    """Return how much of a `bucket` an `amount` (bytes, seconds or messages) is: `1,5 GB`, `30 min`."""
    amount = int(params["amount"])
    if params["bucket"] == "data":
        megabytes = amount // 1024**2
        big = megabytes >= 1024
        size = f"{megabytes / 1024:.1f}".removesuffix(".0") if big else str(megabytes)
        russian = (translation.get_language() or "").startswith("ru")
        number, unit = size.replace(".", ",") if russian else size, _("GB") if big else _("MB")
    else:
        voice = params["bucket"] == "voice"
        number, unit = str(amount // 60 if voice else amount), _("min") if voice else "SMS"
    return f"{number}\N{NO-BREAK SPACE}{unit}"


def last_day(written: str) -> str:
    """Return the last day (of an end, ISO 8601) on which something holds, in the operator's time zone."""
    return f"{timezone.localtime(datetime.fromisoformat(written) - timedelta(microseconds=1)):%d.%m.%Y}"


def keep_quiet(request: str, purpose: str = "") -> str:
    """Return what belongs to every code: of one that shares a number, that its owner may give it away."""
    if purpose in TOLD_TO_OTHERS:
        return _("Request %(request)s. If you agree, tell it to that person only, never to our staff.") % {
            "request": request
        }
    return _("Request %(request)s. Tell it to nobody, not even to our staff.") % {"request": request}


def temporary(password: str, params: Params) -> str:
    """Return what a temporary password is good for, and how long."""
    minutes = int(params.get("minutes", TEMPORARY_LIFE_MIN))
    return ngettext(
        "%(password)s is your one-time password. Enter with it within %(minutes)s minute.",
        "%(password)s is your one-time password. Enter with it within %(minutes)s minutes.",
        minutes,
    ) % {"password": password, "minutes": minutes}


def afterwards(params: Params) -> str:
    """Return what happens after entry with a temporary password."""
    if params.get("own"):
        return _("When you have entered, the password you sent becomes permanent.")
    return _("Then you choose a new password.")


def happened(kind: str) -> str:
    """Return what changed in somebody's cabinet."""
    what = {
        **_asked_for_numbers(),
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
        "forwarding asked": _("In 10 minutes calls of your number will go elsewhere. Stop it: %(site)s/calls/")
        % {"site": site()},
        "puk shown": _("The PUK of one of your SIM cards was shown in your cabinet."),
        "barring changed": _("Call barring of one of your numbers was changed."),
        "barring pin": _("A new PIN for call barring was set."),
        "voicemail pin": _("A new PIN for your voicemail was set."),
        "number blocked": _("One of your numbers or connections was blocked."),
        "number unblocked": _("The block of one of your numbers or connections was lifted."),
        "number gone": _("One of your numbers or connections is not yours any more and was taken from your cabinet."),
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
        "number shared": _("Somebody else sees one of your numbers or connections, or sees more or less of it."),
        "number unshared": _("One of your numbers or connections, or one you saw, is no longer shared."),
        "order done": _("The services of one of your numbers or connections were changed."),
        "notices changed": _(
            "Some messages of one of your numbers or connections come by SMS no more, as chosen in your cabinet."
        ),
    }
    return what.get(kind) or _("Something about the safety of your cabinet changed.")


def _asked_for_numbers() -> dict[str, str]:
    return {
        "sim asked": _("Another SIM was ordered for one of your numbers. Not you? Undo it: %(site)s/orders/")
        % {"site": site()},
        "esim shown": _("The code of your eSIM was shown in your cabinet: whoever has it can install your number."),
        "number asked": _("Another number was ordered in place of one of yours. Not you? Undo it: %(site)s/orders/")
        % {"site": site()},
        "number changed": _("One of your numbers was changed for another, as ordered in your cabinet."),
        "port out asked": _(
            "Another operator asks to take one of your numbers away. Not you? Stop it: %(site)s/port-out/"
        )
        % {"site": site()},
    }


def not_me() -> str:
    """Return what to do when it was somebody else."""
    return _("It was not you? Sign in, open Security and tell us there, or call us.")


def password_problem(problem: str) -> str:
    """Return what a password lacks; `problem` is one of `identity.passwords.rules.Problem`."""
    lacks = {
        "empty": _("there was no password"),
        "short": _("it is too short"),
        "long": _("it is too long"),
        "leaked": _("it is known to those who guess passwords"),
        "simple": _("it is too simple"),
        "own word": _("it holds your number, name or birth date"),
        "no digit": _("it needs a digit"),
        "no capital": _("it needs a capital letter"),
        "no small": _("it needs a small letter"),
    }
    return lacks.get(problem) or _("it does not fit the rules")


def day(written: str) -> str:
    """Return a day (ISO 8601) as people here write it; nothing for none."""
    return f"{date.fromisoformat(written):%d.%m.%Y}" if written else ""


def moment(written: str) -> str:
    """Return a moment (ISO 8601) as people here write it, in the operator's time zone."""
    local = timezone.localtime(datetime.fromisoformat(written))
    return f"{local:%d.%m.%Y %H:%M}"


def clock(written: str) -> str:
    """Return the time of day of a moment (ISO 8601), in the operator's time zone."""
    return f"{timezone.localtime(datetime.fromisoformat(written)):%H:%M}"
