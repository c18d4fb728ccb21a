"""Tables of corrections; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.billing.corrections.rules import Kind


class Correction(models.Model):
    """Why staff moved money. `id` is its charge and its transfer in the ledger, or the refund's and its payment's.

    `charge_id` is what it puts right, `payment_id` what of it goes back; `amount_minor` is above zero, whatever its
    direction.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in Kind])
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=30)
    charge_id = models.UUIDField(null=True)
    payment_id = models.UUIDField(null=True)
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="billing_correction_positive"),
            models.CheckConstraint(
                condition=Q(kind=Kind.REFUND, payment_id__isnull=False, charge_id=None)
                | (~Q(kind=Kind.REFUND) & Q(payment_id=None)),
                name="billing_correction_of_a_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["account_id", "-booked_at"], name="billing_corrections_of"),
            models.Index(fields=["charge_id"], condition=~Q(charge_id=None), name="billing_corrected_charge"),
        ]
