"""Reads of messaging; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from abonent.domains.messaging import channels, models
from abonent.domains.messaging.states import State


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message came, and when it came there; `channel` is `sms`, `voice` or `email`."""

    state: State
    at: datetime
    channel: str


def delivery_of(kind: str, ref: str) -> Delivery | None:
    """Return how far the newest message with that secret came; None when there is none, or it is withheld.

    Only for somebody who is known to use the number: of a stranger's number it would tell whether it is in use.
    """
    message = models.Message.objects.filter(secret_kind=kind, secret_ref=ref).order_by("-created_at").first()
    if message is None or message.state == State.WITHHELD:
        return None
    at = message.delivered_at or message.sent_at or message.attempted_at or message.created_at
    return Delivery(State(message.state), at, message.channel)


def open_channels() -> tuple[str, ...]:
    """Return the channels that have a gateway: a page offers no other."""
    return channels.open_channels()
