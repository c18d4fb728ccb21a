"""Work of a worker: what the network of the demo tells about messages and calls."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from abonent.demo.phone.models import Call
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.states import Event
from abonent.foundation.clock import now


@app.task(name="demo_phone_tell", queue="events")
def tell(message_id: str, heard: str) -> None:
    """Report that a message arrived, or waits for a handset that is off."""
    messaging.note_receipt(message_id=UUID(message_id), heard=Event(heard), at=now())


@app.task(name="demo_phone_end_call", queue="events")
def end_call(message_id: str) -> None:
    """Report a call that nobody took."""
    if Call.objects.filter(message_id=message_id, heard_at=None).exists():
        messaging.note_receipt(message_id=UUID(message_id), heard=Event.LOST, at=now())
