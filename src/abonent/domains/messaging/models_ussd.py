"""The table of USSD sessions; private to the domain."""

from django.db import models


class UssdSession(models.Model):
    """What a handset shows between two presses: `key` is the gateway's name for the session. Deleted after a day.

    `state` is what whoever answers keeps in mind; it holds no secret. `step` presses were answered, the last of them
    (`pressed`) by `said`: one that comes again gets the same answer.
    """

    key = models.CharField(primary_key=True, max_length=80)
    number = models.CharField(max_length=16, db_index=True)
    step = models.PositiveSmallIntegerField(default=0)
    pressed = models.CharField(max_length=40, blank=True)
    state = models.JSONField(default=dict)
    said = models.JSONField(default=dict)
    began_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    ended = models.BooleanField(default=False)
