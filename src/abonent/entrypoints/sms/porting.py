"""Who takes the number to another operator is stopped by a text: for whoever has no browser."""

from __future__ import annotations

from datetime import datetime, timedelta

from abonent.domains.lines import queries as lines
from abonent.domains.lines.handset import Handset
from abonent.domains.messaging import actions as messaging
from abonent.domains.porting.queries import NoSuchPort
from abonent.domains.porting.taking import actions as taking

EVERY = timedelta(hours=1)


def stop(person: Handset, at: datetime) -> None:
    """Stop it as the link in the SMS does, and be told so by that; else say why not.

    A SIM that came lately may be another's than that of the owner, whose wish to leave it is not to stop.
    """
    if lines.hold_of(person.line_id, at) is not None:
        return _say(person, "held", at)
    try:
        taking.stop_of_line(line_id=person.line_id, at=at)
    except NoSuchPort:
        _say(person, "nothing", at)
    except taking.TooLate:
        _say(person, "late", at)


def _say(person: Handset, why: str, at: datetime) -> None:
    messaging.send_rarely(
        every=EVERY, recipient=person.number, template="port not stopped", params={"why": why},
        language=person.language, at=at,
    )  # fmt: skip
