"""The SMS gateway of the demo: a message arrives on the screen at `/phone/` instead of in a network."""

from __future__ import annotations

from uuid import UUID

from abonent.demo.phone.models import PhoneMessage
from abonent.foundation.clock import now


class PhoneOnScreen:
    """Implements `messaging.ports.SmsGateway`."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        """Show the message once, however often it is sent; return its name on the phone."""
        shown = PhoneMessage(message_id=message_id, sender=sender, recipient=recipient, text=text, sent_at=now())
        PhoneMessage.objects.bulk_create([shown], ignore_conflicts=True)
        return f"phone-{message_id}"
