"""Reads of messaging; values, not models."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from abonent.domains.messaging import channels, models
from abonent.domains.messaging import rules_topics as topics
from abonent.domains.messaging.rules_topics import Topic
from abonent.domains.messaging.states import State
from abonent.domains.messaging.texts import sms as texts

logger = logging.getLogger(__name__)


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


@dataclass(frozen=True, slots=True)
class Notice:
    """What a number was told, or would have been: `topic` is None for what always comes."""

    at: datetime
    topic: Topic | None
    text: str
    state: State
    sent_at: datetime | None


def notices(
    *,
    recipient: str,
    since: datetime,
    language: str,
    topic: Topic | None = None,
    before: datetime | None = None,
    limit: int,
) -> list[Notice]:
    """Return what was written to the number from `since` on, newest first, worded in that language.

    What carried a secret and answers to what somebody sent from the handset are left out.
    """
    wanted = [name for name in topics.OF if topic in (None, topics.OF[name])]
    rows = models.Message.objects.filter(
        recipient=recipient,
        channel="sms",
        template__in=wanted if topic else [*wanted, *topics.SHOWN],
        secret_kind="",
        created_at__gte=since,
    ).exclude(state=State.WITHHELD)
    if before:
        rows = rows.filter(created_at__lt=before)
    return [told for row in rows.order_by("-created_at")[:limit] if (told := _notice(row, language))]


def _notice(row: models.Message, language: str) -> Notice | None:
    """Return the message as a notice; None for one so old that today's texts miss something in it."""
    try:
        text = texts.render(row.template, row.params, None, language)
    except KeyError:
        logger.warning("message %s cannot be worded any more", row.id)
        return None
    return Notice(
        at=row.created_at,
        topic=topics.OF.get(row.template),
        text=text,
        state=State(row.state),
        sent_at=row.delivered_at or row.sent_at,
    )


def open_channels() -> tuple[str, ...]:
    """Return the channels that have a gateway: a page offers no other."""
    return channels.open_channels()
