"""How what happened in a customer's cabinet is called in the consoles."""

from __future__ import annotations

from django.utils.translation import gettext as _

from abonent.domains.identity.rules import EventKind, Way


def event(kind: EventKind) -> str:
    """Return what changed how safe the account is, as the history says it."""
    return {
        EventKind.NEW_DEVICE: _("Entry from a new device"),
        EventKind.PASSWORD_SET: _("Password changed"),
        EventKind.PASSWORD_LOCKED: _("Password locked after wrong tries"),
        EventKind.EMAIL_SET: _("E-mail address changed"),
        EventKind.EMAIL_REMOVED: _("E-mail address removed"),
        EventKind.FACTOR_ADDED: _("Second proof added"),
        EventKind.FACTOR_REMOVED: _("Second proof removed"),
        EventKind.CODES_MADE: _("New recovery codes"),
        EventKind.LINK_ADDED: _("Another login linked"),
        EventKind.LINK_REMOVED: _("Another login unlinked"),
        EventKind.PIN_SET: _("PIN set in the app"),
        EventKind.SIM_REPLACED: _("SIM replaced"),
        EventKind.FORWARDING: _("Forwarding changed"),
        EventKind.FORWARDING_ASKED: _("Forwarding asked for"),
        EventKind.PUK_SHOWN: _("PUK shown to the owner"),
        EventKind.SIM_ASKED: _("Another SIM ordered"),
        EventKind.ESIM_SHOWN: _("Code of an eSIM shown to the owner"),
        EventKind.NUMBER_ASKED: _("Another number ordered"),
        EventKind.NUMBER_CHANGED: _("Number changed"),
        EventKind.BARRING: _("Call barring changed"),
        EventKind.BARRING_PIN: _("New PIN for call barring"),
        EventKind.VOICEMAIL_PIN: _("New PIN for voicemail"),
        EventKind.NUMBER_BLOCKED: _("Block set"),
        EventKind.NUMBER_UNBLOCKED: _("Block lifted"),
        EventKind.NUMBER_GONE: _("Number gone"),
        EventKind.AGENT_VERIFIED: _("Identity checked by staff"),
        EventKind.AGENT_ACTED: _("Staff acted at the customer’s request"),
        EventKind.SESSIONS_ENDED: _("Sessions ended"),
        EventKind.EXPORTED: _("Data downloaded"),
        EventKind.ERASURE_ASKED: _("Deletion asked for"),
        EventKind.ERASURE_UNDONE: _("Deletion called off"),
        EventKind.CABINET_OFF: _("Cabinet switched off"),
        EventKind.CABINET_ON: _("Cabinet switched on"),
        EventKind.FROZEN: _("Cabinet protected"),
        EventKind.THAWED: _("Protection lifted"),
        EventKind.NUMBER_SHARED: _("Shared with somebody"),
        EventKind.NUMBER_UNSHARED: _("Shared no more"),
        EventKind.ORDER_DONE: _("Services changed"),
        EventKind.NOTICES_CHANGED: _("Messages by SMS switched off"),
        EventKind.PORT_OUT_ASKED: _("Another operator asked for a number"),
    }.get(kind, str(kind))


def way(how: Way) -> str:
    """Return how somebody got in."""
    return {
        Way.CODE: _("by code"),
        Way.PASSWORD: _("by password"),
        Way.TEMPORARY: _("by one-time password"),
        Way.RESET: _("with a new password"),
        Way.CONTRACT: _("by contract"),
        Way.EMAIL: _("by e-mail"),
        Way.PASSKEY: _("by passkey"),
        Way.SOCIAL: _("by another login"),
        Way.NETWORK: _("by the network"),
    }.get(how, str(how))
