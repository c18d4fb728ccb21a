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
