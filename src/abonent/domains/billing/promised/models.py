"""Tables of promised payments; private to the domain."""

from django.db import models
from django.db.models import F, Q


class PromisedRules(models.Model):
    """Who may have a promised payment, from a local day on. Never edited: a change is a new row."""

    valid_from = models.DateField(unique=True)
    terms = models.JSONField()


class Promise(models.Model):
    """Money lent to a contract. `id` is its transfer in the ledger, its `Payment` and the form it was asked by.

    `line_id` is the line it was taken from, and where the owner is told. A promise whose deadline came has `closed_at`
    with nothing left to repay: the rest was taken back.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    rules = models.ForeignKey(PromisedRules, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    fee_charge_id = models.UUIDField(null=True, unique=True)
    taken_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    repaid_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, default="active")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id"], condition=Q(state="active"), name="billing_one_promise"),
            models.CheckConstraint(
                condition=Q(repaid_minor__gte=0, repaid_minor__lte=F("amount_minor")), name="billing_promise_repaid"
            ),
            models.CheckConstraint(
                condition=Q(state="active", closed_at=None)
                | Q(state__in=["repaid", "unpaid"], closed_at__isnull=False),
                name="billing_promise_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["account_id", "taken_at"], name="billing_promise_in_time"),
            models.Index(fields=["due_at"], condition=Q(state="active"), name="billing_promise_due"),
            models.Index(fields=["warn_at"], condition=Q(state="active", warned_at=None), name="billing_promise_warn"),
        ]


class Repayment(models.Model):
    """What went back of a promise. `id` is its transfer and its `Payment`, below zero there.

    `payment_id` is the payment that it was taken from; none when the deadline took it.
    """

    id = models.UUIDField(primary_key=True)
    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="+")
    payment_id = models.UUIDField(null=True, unique=True)
    amount_minor = models.BigIntegerField()
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="billing_repayment_positive")]
