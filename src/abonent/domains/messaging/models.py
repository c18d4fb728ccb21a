"""Tables of messaging; private to the domain. No table holds a secret: the text is made at delivery and not kept."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from abonent.domains.messaging.models_ussd import UssdSession as UssdSession
from abonent.domains.messaging.states import State


class Message(models.Model):
    """A message to a person: the row is the outbox, written in the transaction that wanted it sent.

    Deleted after a year.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.CharField(max_length=10, choices=[("sms", "sms"), ("voice", "voice"), ("email", "email")])
    sender = models.CharField(max_length=254)
    recipient = models.CharField(max_length=254)
    template = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    # Which kind of secret the text carries, and the reference its source makes it from; never the secret.
    secret_kind = models.CharField(max_length=20, blank=True)
    secret_ref = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=5)
    priority = models.SmallIntegerField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in State], default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    # Why it was not sent, in the words of `states.Failure` or the gateway; empty while nothing went wrong.
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="messaging_of_recipient"),
            BrinIndex(fields=["created_at"], name="messaging_by_time"),
            models.Index(fields=["secret_ref"], condition=~Q(secret_ref=""), name="messaging_of_secret"),
        ]


class Preference(models.Model):
    """How a number wants to be told; no row: by SMS, of everything, at any hour. Topics are those of `rules_topics`."""

    recipient = models.CharField(primary_key=True, max_length=40)
    sms_off = ArrayField(models.CharField(max_length=20), default=list)
    email_on = ArrayField(models.CharField(max_length=20), default=list)
    # The confirmed address of the account that chose it.
    email = models.CharField(max_length=254, blank=True, db_index=True)
    quiet_from_h = models.PositiveSmallIntegerField(null=True)
    quiet_until_h = models.PositiveSmallIntegerField(null=True)
    changed_at = models.DateTimeField()


class InboundMessage(models.Model):
    """A message from a person, taken in once: `key` is the gateway's own name for it. Wiped after 30 days.

    `text` is what may be kept of it; what its secret became stands in `kept` until somebody answered it.
    """

    key = models.CharField(max_length=100, unique=True)
    channel = models.CharField(max_length=10, choices=[("sms", "sms")])
    sender = models.CharField(max_length=40)
    # How the network knows the SIM it came from; empty when the gateway does not say.
    subscriber = models.CharField(max_length=15, blank=True)
    recipient = models.CharField(max_length=40)
    text = models.TextField()
    kept = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)
