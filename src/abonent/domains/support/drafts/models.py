"""Tables of drafts; private to the domain."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from abonent.domains.support.drafts.rules import REASON_LENGTH_MAX, Event, State


class Draft(models.Model):
    """What is to be sold or said, as one text, until a second person publishes it or it is thrown away.

    `revision` goes up with every change. `writers` are the ids of all agents who changed it.
    """

    # One of `drafts.rules.Kind`.
    kind = models.CharField(max_length=10)
    # What it is known by: the code of the offer, tariff, question or shop, and from when on it is to hold.
    code = models.CharField(max_length=60)
    valid_from = models.DateField(null=True)
    text = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State])
    author = models.ForeignKey("support.Agent", on_delete=models.PROTECT, related_name="+")
    writers = ArrayField(models.BigIntegerField())
    changed_at = models.DateTimeField()
    published_by = models.ForeignKey("support.Agent", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=F("author")), name="support_draft_of_two"
            ),
            models.CheckConstraint(
                condition=Q(state=State.PUBLISHED.value, published_by__isnull=False)
                | (~Q(state=State.PUBLISHED.value) & Q(published_by=None)),
                name="support_draft_published_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state", "-changed_at"], name="support_drafts_listed")]


class DraftStep(models.Model):
    """What was done with a draft, by whom, when, and with which revision."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=12, choices=[(event.value, event.value) for event in Event])
    agent = models.ForeignKey("support.Agent", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    revision = models.PositiveIntegerField()
    # Why it was sent back, or what the second person should know.
    said = models.CharField(max_length=REASON_LENGTH_MAX, blank=True)

    class Meta:
        indexes = [models.Index(fields=["draft", "at"], name="support_steps_of_draft")]
