"""Tables of subscriptions of content providers; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.orders.subscriptions.rules import LIVES, OPEN, State

STILL_OPEN = sorted(state.value for state in OPEN)
STILL_LIVES = sorted(state.value for state in LIVES)


class Subscription(models.Model):
    """A provider's subscription on a line, as it was asked for: its price stays, whatever the provider asks later.

    `external_id` is the provider's own, empty when the subscriber asked by SMS. The evidence of the consent: `channel`
    and `asked_at`, `told` (what the SMS said, without its code), `agreed_at` and `agreed_by` ("sms" or "page").
    The local days from `first_day` to before `end_day` are paid; at `try_at` the next fee is taken, `failed` times it
    was not. `works_until` is the day before which an ended one works. `batch` is the form that ended several at once.
    """

    id = models.UUIDField(primary_key=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(max_length=20)
    external_id = models.CharField(max_length=60, blank=True)
    service = models.CharField(max_length=20)
    names = models.JSONField()
    short_number = models.CharField(max_length=6)
    phone = models.CharField(max_length=40)
    price_minor = models.BigIntegerField()
    per = models.CharField(max_length=5)
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State])
    why = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.SmallIntegerField()
    told = models.TextField(blank=True)
    language = models.CharField(max_length=5)
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.CharField(max_length=10, blank=True)
    first_day = models.DateField(null=True)
    end_day = models.DateField(null=True)
    try_at = models.DateTimeField(null=True)
    failed = models.SmallIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True)
    works_until = models.DateField(null=True)
    back_minor = models.BigIntegerField(default=0)
    batch = models.UUIDField(null=True)
    disputed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "external_id"], condition=~Q(external_id=""), name="orders_subscription_told_once"
            ),
            models.UniqueConstraint(
                fields=["line", "provider", "service"],
                condition=Q(state__in=STILL_OPEN),
                name="orders_one_subscription_of_a_service",
            ),
            # Nothing is begun by anybody's word but the subscriber's.
            models.CheckConstraint(
                condition=~Q(state__in=[*STILL_LIVES, State.ENDED.value])
                | (Q(agreed_at__isnull=False) & ~Q(agreed_by="") & ~Q(told="")),
                name="orders_subscription_was_agreed_to",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=STILL_LIVES) | Q(try_at__isnull=False), name="orders_subscription_goes_on"
            ),
        ]
        indexes = [
            models.Index(fields=["line", "-asked_at"], name="orders_subscriptions_of"),
            models.Index(fields=["try_at"], condition=Q(state__in=STILL_LIVES), name="orders_subscriptions_due"),
            models.Index(fields=["expires_at"], condition=Q(state="asked"), name="orders_subscriptions_asked"),
            models.Index(fields=["provider", "agreed_at"], name="orders_subscriptions_begun"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="orders_subscriptions_ended"),
        ]


class ContentBan(models.Model):
    """No subscription may be asked for on the line from `since` until `until` (None: still)."""

    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.CharField(max_length=40)
    lifted_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line"], condition=Q(until=None), name="orders_one_content_ban")]


class ProviderSuspension(models.Model):
    """Nothing of a provider is begun or charged from `since` until `until` (None: still)."""

    provider = models.CharField(max_length=20)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider"], condition=Q(until=None), name="orders_one_suspension_of_a_provider"
            )
        ]
