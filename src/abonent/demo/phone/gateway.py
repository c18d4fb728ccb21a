"""The gateways of the demo: SMS, calls and e-mail arrive on the screen at `/phone/` instead of in a network."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from abonent.demo.phone import jobs, rules
from abonent.demo.phone.models import Call, Handset, Letter, PhoneMessage
from abonent.domains.lines import queries as lines
from abonent.domains.messaging.ports import Refused
from abonent.domains.messaging.states import Event
from abonent.foundation.clock import now


class HandsetOff(Exception):
    """A call does not get through; later it may."""


class PhoneOnScreen:
    """Implements `messaging.ports.SmsGateway`."""

    @transaction.atomic
    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        """Show the message once, however often it is sent, or keep it for a handset that is off; return its name."""
        on, at = _is_on(recipient), now()
        shown = PhoneMessage(
            message_id=message_id, sender=sender, recipient=recipient, text=text, sent_at=at,
            arrived_at=at if on else None,
        )  # fmt: skip
        PhoneMessage.objects.bulk_create([shown], ignore_conflicts=True)
        jobs.tell.defer(message_id=str(message_id), heard=Event.RECEIVED if on else Event.HELD)
        return f"phone-{message_id}"


class CallOnScreen:
    """Implements `messaging.ports.VoiceGateway`."""

    @transaction.atomic
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
        """Let the handset ring; what is read out is shown after the key. A handset that is off hears nothing."""
        if refuse_diverted and _is_diverted(number):
            raise Refused("the number is diverted")
        if not _is_on(number):
            raise HandsetOff
        at = now()
        rings = Call(
            message_id=message_id, number=number, text=text, language=language, rang_at=at,
            heard_at=None if needs_key else at,
        )  # fmt: skip
        Call.objects.bulk_create([rings], ignore_conflicts=True)
        seconds = int(rules.RINGS.total_seconds())
        jobs.end_call.configure(schedule_in={"seconds": seconds}).defer(message_id=str(message_id))
        return f"call-{message_id}"


class MailboxOnScreen:
    """Implements `messaging.ports.MailGateway`."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, subject: str, text: str) -> str:
        """Put the letter into the mailbox, once."""
        letter = Letter(
            message_id=message_id, sender=sender, recipient=recipient.lower(), subject=subject, text=text, sent_at=now()
        )
        Letter.objects.bulk_create([letter], ignore_conflicts=True)
        return f"mail-{message_id}"


def _is_on(number: str) -> bool:
    """Return whether the handset is on; until the transaction ends it is not switched."""
    handset = Handset.objects.select_for_update().filter(number=number).first()
    return handset is None or handset.is_on


def _is_diverted(number: str) -> bool:
    line = lines.served_by_number(number)
    return line is not None and lines.is_forwarded(line.id)
