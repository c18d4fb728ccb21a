"""What the handsets and mailboxes of the demo hold. `message_id` is the sender's own id: a repetition is shown once."""

from django.db import models


class PhoneMessage(models.Model):
    """A message as a handset shows it, or as the network keeps it for a handset that is off."""

    message_id = models.UUIDField(unique=True)
    sender = models.CharField(max_length=40)
    recipient = models.CharField(max_length=40)
    text = models.TextField()
    sent_at = models.DateTimeField()
    # None: the handset is off, the message waits.
    arrived_at = models.DateTimeField(null=True)

    # Spelled out, because tools that read settings without the demo find no manager.
    objects: models.Manager["PhoneMessage"] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "id"], name="demo_phone_to"),
            models.Index(fields=["sender", "id"], name="demo_phone_from"),
        ]


class Handset(models.Model):
    """A handset that was ever switched off."""

    number = models.CharField(max_length=16, primary_key=True)
    is_on = models.BooleanField(default=True)

    objects: models.Manager["Handset"] = models.Manager()


class Call(models.Model):
    """A call that reads something out once 1 was pressed."""

    message_id = models.UUIDField(unique=True)
    number = models.CharField(max_length=16, db_index=True)
    text = models.TextField()
    language = models.CharField(max_length=5)
    rang_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)

    objects: models.Manager["Call"] = models.Manager()


class Letter(models.Model):
    """An e-mail."""

    message_id = models.UUIDField(unique=True)
    sender = models.CharField(max_length=254)
    recipient = models.CharField(max_length=254, db_index=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    sent_at = models.DateTimeField()

    objects: models.Manager["Letter"] = models.Manager()


class Dialled(models.Model):
    """A code that was dialled, and what the handset shows of its session; `goes_on`: it waits for a press."""

    key = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=16, db_index=True)
    step = models.PositiveSmallIntegerField(default=0)
    text = models.TextField()
    goes_on = models.BooleanField()
    dialled_at = models.DateTimeField()

    objects: models.Manager["Dialled"] = models.Manager()
