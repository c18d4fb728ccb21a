"""Writes of messaging."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from abonent.domains.messaging import channels, jobs, models, preferences, secrets
from abonent.domains.messaging.events import InboundReceived
from abonent.domains.messaging.rules import Priority
from abonent.domains.messaging.rules_topics import Way
from abonent.domains.messaging.secrets import SecretRef
from abonent.domains.messaging.states import RECEIPTS, TRANSITIONS, Event, State
from abonent.foundation import outbox
from abonent.foundation.clock import now


@transaction.atomic(savepoint=False)
def send(
    *,
    channel: str = "sms",
    recipient: str,
    template: str,
    params: Mapping[str, str],
    language: str,
    priority: Priority = Priority.NOTICE,
    secret: SecretRef | None = None,
    withheld: bool = False,
) -> UUID:
    """Put a message into the outbox and its delivery into the job queue, both or neither; return the message's id.

    `channel` is `sms`, `voice` or `email`; `recipient` a number in E.164 or an address. `params` holds no secret:
    what must not be kept comes from `secret` at delivery. A `withheld` message costs the same work and is never sent.
    An SMS goes as its receiver wants the kind to go (`rules_topics`): later, by e-mail as well, or not at all. It comes
    from the number of codes, or from the one that its receiver wrote to (`channels.in_talk`).
    """
    at = now()
    way = preferences.way_of(recipient=recipient, template=template, at=at) if channel == "sms" else Way()
    if way.email:
        send(
            channel="email", recipient=way.email, template=template, params=params, language=language, withheld=withheld
        )  # fmt: skip
    state = State.QUEUED if way.by_sms else State.KEPT
    message = models.Message.objects.create(
        channel=channel,
        sender=channels.sender_of(channel, recipient),
        recipient=recipient,
        template=template,
        params=dict(params),
        secret_kind=secret.kind if secret else "",
        secret_ref=secret.ref if secret else "",
        language=language,
        priority=priority,
        state=State.WITHHELD if withheld else state,
        created_at=at,
    )
    if way.by_sms:
        jobs.deliver.configure(priority=int(priority), schedule_at=way.at).defer(message_id=str(message.id))
    return message.id


@transaction.atomic
def send_rarely(
    *, every: timedelta, recipient: str, template: str, params: Mapping[str, str], language: str, at: datetime
) -> UUID | None:
    """Send an SMS unless one of that template went to the recipient within `every`: then return None."""
    return send_at_most(1, span=every, recipient=recipient, template=template, params=params, language=language, at=at)


@transaction.atomic
def send_at_most(
    most: int, *, span: timedelta, recipient: str, template: str, params: Mapping[str, str], language: str, at: datetime
) -> UUID | None:
    """Send an SMS unless `most` of that template went to the recipient within `span`: then return None."""
    with connection.cursor() as cursor:
        # Two texts that come at once get one answer.
        cursor.execute("select pg_advisory_xact_lock(hashtext('rarely'), hashtext(%s))", [f"{template} {recipient}"])
    lately = models.Message.objects.filter(
        recipient=recipient, template=template, channel="sms", created_at__gt=at - span
    )
    if lately.count() >= most:
        return None
    return send(recipient=recipient, template=template, params=params, language=language)


@transaction.atomic
def note_receipt(*, message_id: UUID, heard: Event, at: datetime) -> bool:
    """Record what the gateway heard of the message (`RECEIVED`, `HELD` or `LOST`); return whether that was news.

    Nothing changes for a message that was not on its way, or ended already.
    """
    message = models.Message.objects.select_for_update().filter(id=message_id).first()
    if message is None or heard not in RECEIPTS:
        return False
    before = State(message.state)
    following = TRANSITIONS.get((before, heard), before)
    if following == before:
        return False
    message.state = following
    message.sent_at = message.sent_at or at
    message.delivered_at = at if heard == Event.RECEIVED else None
    message.save(update_fields=["state", "sent_at", "delivered_at"])
    return True


@transaction.atomic
def forget(*, recipients: Collection[str]) -> int:
    """Delete what was sent to these numbers (E.164) and addresses and what came from them; return how many it was.

    What still waits is never sent; what a worker is sending right now arrives once more, and no trace of it is kept.
    """
    models.Preference.objects.filter(recipient__in=recipients).delete()
    models.Preference.objects.filter(email__in=recipients).update(email="")
    models.UssdSession.objects.filter(number__in=recipients).delete()
    gone = models.Message.objects.filter(recipient__in=recipients).delete()[0]
    return gone + models.InboundMessage.objects.filter(sender__in=recipients).delete()[0]


def receive(*, channel: str, sender: str, recipient: str, text: str, key: str, subscriber: str = "") -> bool:
    """Take a message from a handset in, once by `key`, and announce it; return whether it was new.

    What is a secret in it is taken out before anything is stored. `subscriber` is how the network knows the SIM it
    came from (IMSI), empty when the gateway does not say.
    """
    if models.InboundMessage.objects.filter(key=key).exists():
        return False
    # PostgreSQL keeps no NUL characters.
    taken = secrets.take_out(sender=sender, recipient=recipient, text=text.replace("\0", ""))
    with transaction.atomic():
        inbound, new = models.InboundMessage.objects.get_or_create(
            key=key,
            defaults={
                "channel": channel,
                "sender": sender,
                "subscriber": subscriber,
                "recipient": recipient,
                "text": taken.text,
                "kept": dict(taken.kept),
                "received_at": now(),
            },
        )
        if new:
            outbox.announce(InboundReceived(inbound.pk))
    return new


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a person, as whoever answers it gets it; `kept` is what became of the secret in it."""

    sender: str
    subscriber: str
    recipient: str
    text: str
    kept: Mapping[str, str]
    received_at: datetime


@transaction.atomic(savepoint=False)
def take_up(*, inbound_id: int, at: datetime) -> Inbound | None:
    """Return the message for the one who answers it in this transaction, and forget its secret; None: answered."""
    row = models.InboundMessage.objects.select_for_update().filter(id=inbound_id, answered_at=None).first()
    if row is None:
        return None
    inbound = Inbound(row.sender, row.subscriber, row.recipient, row.text, row.kept, row.received_at)
    row.kept = {}
    row.answered_at = at
    row.save(update_fields=["kept", "answered_at"])
    return inbound
