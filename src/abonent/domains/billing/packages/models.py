"""Tables of what lines have to use beside their tariff's allowances; private to the domain."""

from django.db import models
from django.db.models import F, Q

from abonent.domains.billing.transfers.states import State
from abonent.domains.catalog.packages_rules import BUCKETS

KINDS = [(kind, kind) for kind in BUCKETS]


class PackageBucket(models.Model):
    """Something that a line may use from `valid_from` until `valid_until`, see `packages.rules.Held`; never edited.

    `id` is that of the order by which it was bought, or of the gift by which it came. When a package is bought again at
    its end, `renewal_order_id` is the order for that; `stopped_at`: it is not, since its owner said so or since it
    could not be (`stopped_why`, a word of `orders.rules.Why`).
    """

    id = models.UUIDField(primary_key=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    bucket = models.CharField(max_length=10, choices=KINDS)
    # Seconds, bytes or messages; none: without limit.
    amount = models.BigIntegerField(null=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    source = models.CharField(max_length=10, choices=[("package", "package"), ("gift", "gift")])
    offer_version = models.ForeignKey("catalog.OfferVersion", null=True, on_delete=models.PROTECT, related_name="+")
    hour_first = models.SmallIntegerField(null=True)
    hour_end = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField()
    renews = models.BooleanField(default=False)
    renewal_order_id = models.UUIDField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_why = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="billing_package_holds_something"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="billing_package_ends_later"),
            models.CheckConstraint(
                condition=Q(source="package", offer_version__isnull=False) | Q(source="gift", offer_version=None),
                name="billing_package_bought_or_given",
            ),
        ]
        indexes = [
            models.Index(fields=["line", "valid_until"], name="billing_package_of_line"),
            models.Index(
                fields=["valid_until"],
                condition=Q(renews=True, renewal_order_id=None, stopped_at=None),
                name="billing_package_renews",
            ),
        ]


class PackageTaken(models.Model):
    """How much of a bucket beside the tariff's own a period used; `bucket_id` may be that of what rolled over."""

    pk = models.CompositePrimaryKey("bucket_id", "period_start")
    bucket_id = models.UUIDField()
    period_start = models.DateTimeField()
    line_id = models.BigIntegerField()
    used = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["line_id", "period_start"], name="billing_taken_of_line")]


class Gift(models.Model):
    """A wish to give data or minutes to another number, and what became of it; like `Transfer`, and proved alike.

    `line_to_id` stays empty when nobody under `number_to` can get anything. The bucket that the receiver has of it has
    the gift's id.
    """

    id = models.UUIDField(primary_key=True)
    line_from_id = models.BigIntegerField()
    line_to_id = models.BigIntegerField(null=True)
    number_from = models.CharField(max_length=40, help_text="E.164")
    number_to = models.CharField(max_length=40, help_text="E.164")
    name_from = models.CharField(max_length=120, blank=True)
    name_to = models.CharField(max_length=120, blank=True)
    asked_by = models.BigIntegerField(null=True)
    bucket = models.CharField(max_length=10, choices=KINDS)
    amount = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in State], default=State.ASKED)
    reason = models.CharField(max_length=20, blank=True)
    proven_by = models.CharField(max_length=10, blank=True)
    asked_at = models.DateTimeField()
    looked_up_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    # Until when the receiver may use it.
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, fee_minor__gte=0), name="billing_gift_positive"),
            models.CheckConstraint(
                condition=Q(line_to_id=None) | ~Q(line_from_id=F("line_to_id")), name="billing_gift_to_another"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.DONE)
                | Q(line_to_id__isnull=False, settled_at__isnull=False, valid_until__isnull=False),
                name="billing_gift_done_to_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["line_from_id", "-asked_at"], name="billing_gift_out"),
            models.Index(fields=["line_to_id", "-asked_at"], name="billing_gift_in"),
            models.Index(fields=["asked_by", "looked_up_at"], name="billing_gift_looked_up"),
            models.Index(fields=["expires_at"], condition=Q(state=State.ASKED), name="billing_gift_waiting"),
        ]


class GiftPart(models.Model):
    """How much of which bucket a gift took; of the tariff's own `period_start` tells the period, `bucket` the kind."""

    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="+")
    bucket_id = models.UUIDField()
    line_id = models.BigIntegerField()
    bucket = models.CharField(max_length=10, choices=KINDS)
    period_start = models.DateTimeField(null=True)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gift", "bucket_id"], name="billing_gift_part_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_gift_part_positive"),
        ]
        indexes = [
            models.Index(fields=["bucket_id"], name="billing_gift_part_of_bucket"),
            models.Index(fields=["line_id", "period_start"], name="billing_gift_part_of_line"),
        ]
