"""What messaging needs from outside.

Every gateway is named by a setting as a dotted path, made without arguments and used from many threads. The same
`message_id` may come again after a crash: a gateway carries it once, or marks it so that the receiver can tell. It
raises `Refused` when trying again is useless, anything else when it may help.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class Refused(Exception):
    """The gateway will never take this message; the text of the error says why, without the message's text."""


class SmsGateway(Protocol):
    """Carries SMS to handsets. Named by the setting `SMS_GATEWAY`."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        """Hand over one message; return the provider's id of it."""
        ...


class MailGateway(Protocol):
    """Carries e-mail. Named by the setting `MAIL_GATEWAY`."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, subject: str, text: str) -> str:
        """Hand over one letter of plain text; return the provider's id of it. It never crosses a network in clear."""
        ...


class VoiceGateway(Protocol):
    """Calls people and reads a text out. Named by the setting `VOICE_GATEWAY`."""

    def call(
        self,
        *,
        message_id: UUID,
        number: str,
        text: str,
        language: str,
        needs_key: bool = True,
        refuse_diverted: bool = True,
    ) -> str:
        """Call `number` (E.164) and read `text` out in `language`; return the provider's id of the call.

        With `needs_key` nothing is read before a key was pressed: an answering machine hears no code. With
        `refuse_diverted` a call that would end at another number is not made (`Refused`).
        """
        ...
