"""What the handsets of the demo hold."""

from django.db import models


class PhoneMessage(models.Model):
    """A message as a handset shows it; `message_id` is the sender's own id, so a repetition is not shown twice."""

    message_id = models.UUIDField(unique=True)
    sender = models.CharField(max_length=40)
    recipient = models.CharField(max_length=40)
    text = models.TextField()
    sent_at = models.DateTimeField()

    # Spelled out, because tools that read settings without the demo find no manager.
    objects: models.Manager["PhoneMessage"] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "id"], name="demo_phone_to"),
            models.Index(fields=["sender", "id"], name="demo_phone_from"),
        ]
