"""The owner of a blocked line is told by SMS: that it ends soon, and that it has ended."""

from __future__ import annotations

from datetime import datetime

from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging


def ends_soon(line: Line, ends_at: datetime) -> None:
    """The block ends within a day: when, and what is charged again then."""
    _tell(line, "block ends", until=ends_at.isoformat())


def ended(line: Line) -> None:
    """The number works again."""
    _tell(line, "block ended")


def _tell(line: Line, template: str, **more: str) -> None:
    recipient = lines.contact_of(line.id).number
    if recipient:
        messaging.send(
            recipient=recipient, template=template, params={"number": line.number, **more}, language=line.language
        )
