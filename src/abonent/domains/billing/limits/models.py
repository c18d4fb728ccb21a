"""Tables of spending limits and of what changes in prices; private to the domain."""

from django.db import models
from django.db.models import F, Q

from abonent.domains.billing.limits.rules import OnReached


class SpendingLimit(models.Model):
    """How much a line may cost in a calendar month, as its owner wants it; the row is what whoever decides locks.

    `raised_minor` holds instead of `amount_minor` in the month that begins with `raised_for`. `before` are the terms
    that the last change replaced. A form names the `version` that it showed. `blocked_for` is the month in which paid
    things are held back, None: nothing is.
    """

    line_id = models.BigIntegerField(primary_key=True)
    amount_minor = models.BigIntegerField(null=True)
    on_reached = models.CharField(
        max_length=5, choices=[(choice, choice) for choice in OnReached], default=OnReached.TELL
    )
    raised_for = models.DateField(null=True)
    raised_minor = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=0)
    before = models.JSONField(null=True)
    changed_at = models.DateTimeField()
    blocked_for = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor=None) | Q(amount_minor__gt=0), name="billing_limit_sum"),
            models.CheckConstraint(
                condition=Q(raised_for=None, raised_minor=None)
                | Q(raised_for__isnull=False, raised_minor__gt=F("amount_minor")),
                name="billing_limit_raised",
            ),
        ]


class LimitNotice(models.Model):
    """That a line came to `percent` of a limit in a month: told once, whatever is rated anew afterwards.

    `at_once`: it was used just now, so its owner is awake; else the hour is waited for. `told_at` None: not told yet.
    """

    pk = models.CompositePrimaryKey("line_id", "month", "percent", "limit_minor")
    line_id = models.BigIntegerField()
    month = models.DateField()
    percent = models.PositiveSmallIntegerField()
    limit_minor = models.BigIntegerField()
    at_once = models.BooleanField()
    reached_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["line_id"], condition=Q(told_at=None), name="billing_limit_to_tell")]


class PriceReason(models.Model):
    """Why the operator changed the terms of a tariff, by the version that changes them; in each language."""

    tariff_version_id = models.BigIntegerField(primary_key=True)
    why = models.JSONField()
    published_at = models.DateTimeField()


class PriceNotice(models.Model):
    """That a line gets other prices at `since`, with which version; told once. `told_at` None: not told yet."""

    pk = models.CompositePrimaryKey("line_id", "since", "tariff_version_id")
    line_id = models.BigIntegerField()
    since = models.DateTimeField()
    tariff_version_id = models.BigIntegerField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["line_id"], condition=Q(told_at=None), name="billing_price_to_tell")]
