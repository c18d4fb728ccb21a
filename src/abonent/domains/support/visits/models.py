"""Technicians who come: how districts are served, what is booked of it, and the visits; private to the domain."""

from django.db import models
from django.db.models import F, Q

from abonent.domains.support.visits.rules import STILL_OPEN, State

OPEN_VISITS = sorted(state.value for state in STILL_OPEN)


class VisitTerms(models.Model):
    """How a district is served (`visits.rules.Terms`), from a local day on. Never edited: a change is a new row."""

    district = models.CharField(max_length=60)
    valid_from = models.DateField()
    terms = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "valid_from"], name="support_visit_terms_once_a_day")
        ]


class VisitBooking(models.Model):
    """A place in a window of the embedded calendar; `id` is that of whoever asked for it."""

    id = models.UUIDField(primary_key=True)
    district = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="support_booking_has_a_length")
        ]
        indexes = [models.Index(fields=["district", "starts_at"], name="support_bookings_of_district")]


class Visit(models.Model):
    """Somebody comes to where a line ends, for a request. `booking` is its place in the calendar, made by us."""

    request = models.OneToOneField("support.Request", on_delete=models.CASCADE, related_name="+")
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    booking = models.UUIDField(unique=True)
    district = models.CharField(max_length=60)
    address = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    changed_until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State])
    changed_at = models.DateTimeField()
    # The message of the day before was written.
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(state__in=OPEN_VISITS), name="support_one_visit_coming"
            )
        ]
        indexes = [models.Index(fields=["starts_at"], condition=Q(state__in=OPEN_VISITS), name="support_visits_coming")]
