"""The ways to a person: which gateway carries what, who it comes from, and which of them are open at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from abonent.domains.messaging.ports import MailGateway, Refused, SmsGateway, VoiceGateway

# For each channel: the setting that names its gateway, and the gateway's one method.
GATEWAYS = {
    "sms": ("SMS_GATEWAY", "send"),
    "voice": ("VOICE_GATEWAY", "call"),
    "email": ("MAIL_GATEWAY", "send"),
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as a gateway gets it; `subject` is for e-mail alone."""

    id: UUID
    channel: str
    sender: str
    recipient: str
    text: str
    language: str
    subject: str = ""


# Who is being answered, and the short number that they wrote to.
_talk: ContextVar[tuple[str, str] | None] = ContextVar("talk", default=None)


@contextmanager
def in_talk(*, handset: str, short_number: str) -> Iterator[None]:
    """Let every SMS that is written to the handset meanwhile come from the number it wrote to: one conversation.

    What an answer says is written by many domains, none of which knows that it was asked for by SMS.
    """
    before = _talk.set((handset, short_number) if short_number else None)
    try:
        yield
    finally:
        _talk.reset(before)


def sender_of(channel: str, recipient: str = "") -> str:
    """Return whom a message of the channel comes from; raise `KeyError` for a channel that is none."""
    talk = _talk.get()
    if channel == "sms" and talk is not None and talk[0] == recipient:
        return talk[1]
    return {"sms": settings.SMS_SENDER, "voice": settings.SMS_SENDER, "email": settings.EMAIL_FROM}[channel]


def open_channels() -> tuple[str, ...]:
    """Return the channels that have a gateway: a page offers no other."""
    return tuple(channel for channel, (name, _) in GATEWAYS.items() if getattr(settings, name))


def carry(message: Outgoing) -> str:
    """Hand the message to its gateway; return the provider's id, raise as the ports say."""
    if message.channel not in open_channels():
        raise Refused(f"no gateway carries {message.channel}")
    found = gateway(message.channel)
    if message.channel == "email":
        return cast(MailGateway, found).send(
            message_id=message.id, sender=message.sender, recipient=message.recipient, subject=message.subject,
            text=message.text,
        )  # fmt: skip
    if message.channel == "voice":
        return cast(VoiceGateway, found).call(
            message_id=message.id, number=message.recipient, text=message.text, language=message.language
        )
    return cast(SmsGateway, found).send(
        message_id=message.id, sender=message.sender, recipient=message.recipient, text=message.text
    )


def gateway(channel: str) -> object:
    """Return the gateway that the settings name; raise `ImportError` when there is none to load."""
    name, _ = GATEWAYS[channel]
    return _load(getattr(settings, name))


def problem(channel: str) -> str | None:
    """Return why nothing can be sent this way, in one line, or None when the gateway loads: for `abonent check`."""
    name, method = GATEWAYS[channel]
    named = f"ABONENT_{name}={getattr(settings, name)!r}"
    try:
        found = gateway(channel)
    except (ImportError, TypeError, ValueError) as error:
        return f"{named} cannot be loaded: {error}"
    return None if callable(getattr(found, method, None)) else f"{named} has no method {method}"


@lru_cache
def _load(path: str) -> Any:
    if not path:
        raise ImportError("no gateway is named")
    return import_string(path)()
