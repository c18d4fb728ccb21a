"""What the security pages call things: devices, ways in, what changed and who did it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from abonent.domains.identity import rules_agents
from abonent.domains.identity.queries_security import AGENT, Event
from abonent.domains.identity.rules import EventKind, Proof, Way
from abonent.web import format as formats

# What of an event's details is said as it is written; the rest has words of its own, or is not the owner's business.
SAID = ("number", "with", "address", "service", "name")


def device(agent: str, *, in_app: bool = False) -> str:
    """Return a browser or app in words its owner knows: `Chrome, Windows`."""
    found = rules_agents.named(agent)
    browser = {"": "", rules_agents.PROGRAM: _("A program")}.get(found.browser, found.browser)
    named = [_("App") if in_app else browser, found.system]
    return ", ".join(name for name in named if name) or _("Unknown device")


def device_icon(agent: str, *, in_app: bool = False) -> str:
    return "mobile" if in_app or rules_agents.named(agent).handheld else "laptop"


def way(used: Way) -> str:
    """Return how somebody got in, to stand after "sign-in"."""
    return {
        Way.CODE: _("by code"),
        Way.PASSWORD: _("by password"),
        Way.TEMPORARY: _("by a one-time password"),
        Way.RESET: _("by code, for a new password"),
        Way.CONTRACT: _("by contract number"),
        Way.EMAIL: _("by a code from an e-mail"),
        Way.PASSKEY: _("by passkey"),
        Way.SOCIAL: _("by another service"),
        Way.NETWORK: _("recognised by the network"),
    }[used]


def entered(at: datetime, used: Way) -> str:
    """Return when and how somebody got in: `entry 12 December, 14:05, by code`."""
    return _("signed in on %(moment)s, %(way)s") % {"moment": formats.moment(at), "way": way(used)}


def last_seen(moment: str) -> str:
    return _("last active on %(moment)s") % {"moment": moment}


def known(first: datetime, last: datetime) -> str:
    """Return since when a device is known and when it last signed in."""
    if first == last:
        return _("signed in on %(moment)s") % {"moment": formats.moment(last)}
    return _("first on %(first)s, last on %(last)s") % {"first": formats.day(first), "last": formats.moment(last)}


def network(prefix: str) -> str:
    return _("network %(prefix)s") % {"prefix": prefix}


def disputed() -> str:
    return _("Not you")


def kind(of: EventKind) -> str:
    """Return what changed, as the title of a row."""
    return {
        EventKind.NEW_DEVICE: _("Entry from a new device"),
        EventKind.PASSWORD_SET: _("New password"),
        EventKind.PASSWORD_LOCKED: _("Password locked after wrong tries"),
        EventKind.EMAIL_SET: _("New e-mail address"),
        EventKind.EMAIL_REMOVED: _("E-mail address removed"),
        EventKind.FACTOR_ADDED: _("Second proof added"),
        EventKind.FACTOR_REMOVED: _("Second proof removed"),
        EventKind.CODES_MADE: _("New recovery codes"),
        EventKind.LINK_ADDED: _("Entry by another service added"),
        EventKind.LINK_REMOVED: _("Entry by another service removed"),
        EventKind.PIN_SET: _("PIN set in the app"),
        EventKind.SIM_REPLACED: _("SIM replaced"),
        EventKind.FORWARDING: _("Call forwarding changed"),
        EventKind.FORWARDING_ASKED: _("Call forwarding asked for"),
        EventKind.PUK_SHOWN: _("PUK shown"),
        EventKind.SIM_ASKED: _("Another SIM ordered"),
        EventKind.ESIM_SHOWN: _("Code of an eSIM shown"),
        EventKind.NUMBER_ASKED: _("Another number ordered"),
        EventKind.NUMBER_CHANGED: _("Number changed"),
        EventKind.BARRING: _("Call barring changed"),
        EventKind.BARRING_PIN: _("New PIN for call barring"),
        EventKind.VOICEMAIL_PIN: _("New PIN for voicemail"),
        EventKind.NUMBER_BLOCKED: _("Block set"),
        EventKind.NUMBER_UNBLOCKED: _("Block lifted"),
        EventKind.NUMBER_GONE: _("Number no longer yours"),
        EventKind.AGENT_VERIFIED: _("Our staff checked who you are"),
        EventKind.AGENT_ACTED: _("Our staff did something at your request"),
        EventKind.SESSIONS_ENDED: _("Signed out on other devices"),
        EventKind.EXPORTED: _("Copy of your data downloaded"),
        EventKind.ERASURE_ASKED: _("Deletion of the cabinet asked for"),
        EventKind.ERASURE_UNDONE: _("Deletion of the cabinet called off"),
        EventKind.CABINET_OFF: _("Cabinet switched off"),
        EventKind.CABINET_ON: _("Cabinet switched on"),
        EventKind.FROZEN: _("Protection switched on"),
        EventKind.THAWED: _("Protection lifted"),
        EventKind.NUMBER_SHARED: _("Shared with somebody"),
        EventKind.NUMBER_UNSHARED: _("Shared no more"),
        EventKind.ORDER_DONE: _("Services changed"),
        EventKind.NOTICES_CHANGED: _("Messages by SMS switched off"),
        EventKind.PORT_OUT_ASKED: _("Another operator asked for a number"),
    }[of]


def icon(of: EventKind) -> str:
    """Return the drawing beside what changed."""
    return {
        EventKind.NEW_DEVICE: "laptop",
        EventKind.PASSWORD_SET: "key",
        EventKind.PASSWORD_LOCKED: "lock",
        EventKind.EMAIL_SET: "mail",
        EventKind.EMAIL_REMOVED: "mail",
        EventKind.LINK_ADDED: "link",
        EventKind.LINK_REMOVED: "link",
        EventKind.SIM_REPLACED: "mobile",
        EventKind.FORWARDING: "call",
        EventKind.FORWARDING_ASKED: "call",
        EventKind.PUK_SHOWN: "mobile",
        EventKind.SIM_ASKED: "sim",
        EventKind.ESIM_SHOWN: "sim",
        EventKind.NUMBER_ASKED: "mobile",
        EventKind.NUMBER_CHANGED: "mobile",
        EventKind.PORT_OUT_ASKED: "mobile",
        EventKind.BARRING: "call",
        EventKind.BARRING_PIN: "key",
        EventKind.VOICEMAIL_PIN: "key",
        EventKind.NUMBER_BLOCKED: "mobile",
        EventKind.NUMBER_UNBLOCKED: "mobile",
        EventKind.NUMBER_GONE: "mobile",
        EventKind.AGENT_VERIFIED: "person",
        EventKind.AGENT_ACTED: "person",
        EventKind.SESSIONS_ENDED: "exit",
        EventKind.EXPORTED: "download",
        EventKind.NUMBER_SHARED: "person",
        EventKind.NUMBER_UNSHARED: "person",
        EventKind.ORDER_DONE: "mobile",
        EventKind.NOTICES_CHANGED: "mail",
    }.get(of, "shield")


def by(who: str) -> str:
    """Return who did it."""
    if who.startswith(AGENT):
        return _("our staff, no. %(number)s") % {"number": who.removeprefix(AGENT)}
    if who == "another":
        return _("in the cabinet of the other side")
    return _("the network") if who == "network" else _("in your cabinet")


def about(event: Event) -> str:
    """Return when it was, who did it and what there is to say besides."""
    return " · ".join([formats.moment(event.at), by(event.by), *_details(event.detail)])


def proof(shown: Proof) -> str:
    """Return a proof that lifts the protection, as an item of a list."""
    return {
        Proof.EMAIL: _("a code sent to your e-mail address"),
        Proof.FACTOR: _("a code from your authenticator app, or a recovery code"),
        Proof.PASSKEY: _("your passkey"),
        Proof.SMS: _("a code from an SMS"),
        Proof.PASSWORD: _("your password"),
    }[shown]


def _details(detail: Mapping[str, str]) -> list[str]:
    said = [device(detail["agent"])] if detail.get("agent") else []
    said += [_factor(detail["factor"])] if detail.get("factor") else []
    said += [_deed(detail["deed"])] if detail.get("deed") else []
    said += [formats.phone(str(detail[name])) for name in SAID if detail.get(name)]
    return [words for words in said if words]


def _factor(factor: str) -> str:
    return {
        "totp": _("authenticator app"),
        "passkey": _("passkey"),
        "second step": _("a second proof at each sign-in"),
        "all": _("all of them"),
    }.get(factor, "")


def _deed(deed: str) -> str:
    return {
        "password by sms": _("sent a one-time password by SMS"),
        "password by e-mail": _("sent a one-time password by e-mail"),
        "account number told": _("told the account number"),
        "protected": _("switched the protection on"),
        "protection lifted": _("lifted the protection"),
        "line blocked": _("blocked a number"),
        "application": _("took an application"),
        "form received": _("took a signed form"),
        "sim replaced": _("replaced a SIM"),
        "envelope": _("handed out a sealed envelope"),
        "factors removed": _("removed second proofs"),
        "check failed": _("the check was not passed"),
        "customer entered": _("entered whose contract it is"),
        "credit proposed": _("asked a colleague to put money on your account"),
        "debit proposed": _("asked a colleague to take money from your account"),
        "refund proposed": _("asked a colleague to give a payment back"),
        "credit agreed": _("agreed to put money on your account"),
        "debit agreed": _("agreed to take money from your account"),
        "subscription stopped": _("stopped a subscription"),
        "subscriptions stopped": _("stopped all subscriptions"),
        "subscriptions banned": _("banned new subscriptions"),
        "subscriptions allowed": _("lifted the ban on new subscriptions"),
        "refund agreed": _("agreed to give a payment back"),
        "ordered": _("placed an order"),
        "equipment": _("handled your equipment"),
    }.get(deed, "")
