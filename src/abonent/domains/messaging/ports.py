"""What messaging needs from outside."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class Refused(Exception):
    """The gateway will never take this message; the text of the error says why, without the message's text."""


class SmsGateway(Protocol):
    """Carries SMS to handsets. Named by the setting `SMS_GATEWAY`, made without arguments, used from many threads."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        """Hand over one message; return the provider's id of it.

        The same `message_id` may come again after a crash: the gateway sends it once. Raise `Refused` when trying
        again is useless, anything else when it may help.
        """
        ...
