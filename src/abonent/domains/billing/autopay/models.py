"""Tables of autopay; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.billing.autopay.rules import AttemptState, Kind, State


class Autopay(models.Model):
    """An agreement to top a contract up from a saved card. `id` is that of the form it was made by.

    `account_id` is the account (of identity) that made it, whose card pays; `line_id` the line it was made for, where
    its owner is told. Sums are minor units; without `amount_minor` it pays what the next fee lacks.
    """

    id = models.UUIDField(primary_key=True)
    contract = models.ForeignKey("customers.Contract", on_delete=models.PROTECT, related_name="+")
    line_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    card_id = models.BigIntegerField()
    card_name = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in Kind])
    threshold_minor = models.BigIntegerField(null=True)
    day = models.SmallIntegerField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    cap_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in State], default=State.ON)
    # An `autopay.rules.Why`; empty while it is on.
    reason = models.CharField(max_length=20, blank=True)
    # Declines in a row, and when it tries again.
    failures = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    # The local day of the next payment by calendar; which one its owner was told of, and when.
    next_day = models.DateField(null=True)
    warned_for = models.DateField(null=True)
    warned_on = models.DateField(null=True)
    # The month whose cap the owner was told of.
    cap_told_for = models.DateField(null=True)
    # How many attempts there were: the next one's id is made of it.
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract"], condition=~Q(state=State.STOPPED), name="billing_one_autopay"),
            models.CheckConstraint(
                condition=Q(kind=Kind.THRESHOLD, threshold_minor__isnull=False, day=None, next_day=None)
                | (~Q(kind=Kind.THRESHOLD) & Q(threshold_minor=None, day__gte=1, day__lte=31, next_day__isnull=False)),
                name="billing_autopay_when",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.FEE, amount_minor=None) | (~Q(kind=Kind.FEE) & Q(amount_minor__gt=0)),
                name="billing_autopay_sum",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state=State.ON), name="billing_autopay_on"),
            models.Index(fields=["account_id"], name="billing_autopay_of_account"),
        ]


class AutopayAttempt(models.Model):
    """A payment that an agreement asked for, written down before the bank is asked. `id` is the payment's.

    While one of a contract is not known to have ended, no other begins.
    """

    id = models.UUIDField(primary_key=True)
    autopay = models.ForeignKey(Autopay, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    contract_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    card_id = models.BigIntegerField()
    # What was asked for; what came is the payment's.
    amount_minor = models.BigIntegerField()
    settled_minor = models.BigIntegerField(null=True)
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in AttemptState], default=AttemptState.ASKED
    )
    reason = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["autopay", "number"], name="billing_autopay_attempt_once"),
            models.UniqueConstraint(
                fields=["contract_id"], condition=Q(state=AttemptState.ASKED), name="billing_one_autopay_attempt"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="billing_autopay_attempt_positive"),
        ]
        indexes = [
            models.Index(fields=["contract_id", "-created_at"], name="billing_autopay_of_contract"),
            models.Index(fields=["created_at"], condition=Q(state=AttemptState.ASKED), name="billing_autopay_asked"),
        ]
