"""How far the demo is loaded."""

from django.db import models
from django.db.models import Q


class Loading(models.Model):
    """The one operator loaded here, and what is done of it; what is done and its mark are written together."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    subscribers = models.IntegerField()
    days = models.IntegerField()
    seed = models.BigIntegerField()
    # The end of the traffic: the moment of the first attempt, whoever goes on with it later.
    now = models.DateTimeField()
    people_until = models.IntegerField(default=0)
    deliveries = models.IntegerField(default=0)
    finished = models.BooleanField(default=False)

    # Spelled out, because tools that read settings without the demo find no manager.
    objects: models.Manager["Loading"] = models.Manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="demo_one_operator")]


class ProviderHeard(models.Model):
    """What a content provider of the demo was told of a subscription, how often, and when it heard."""

    subscription_id = models.UUIDField()
    provider = models.CharField(max_length=20)
    number = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    why = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    heard_at = models.DateTimeField(null=True)

    objects: models.Manager["ProviderHeard"] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription_id", "state", "at"], name="demo_provider_told_once")
        ]
