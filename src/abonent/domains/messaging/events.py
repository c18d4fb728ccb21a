"""Facts about messages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InboundReceived:
    """A message from a person was taken in; what it says stands in its row alone, which is wiped in time."""

    inbound_id: int
