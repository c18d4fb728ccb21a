"""Tables of bills, fiscal receipts and registries of the gateway; private to the domain."""

from django.db import models
from django.db.models import F, Q


class Bill(models.Model):
    """A monthly bill as it was issued, for ever: a trigger refuses to change or delete it.

    `content` is the whole value: payer, lines, payments. A correction is the next `revision` and names the old one.
    `paid_total_minor` is everything paid on the contract before the end of the month, as far as known then; of the
    first bill `charged_before_minor` is all that was charged before the month: so the next bills tell what came late.
    """

    number = models.CharField(max_length=40, unique=True)
    contract = models.ForeignKey("customers.Contract", on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    revision = models.PositiveSmallIntegerField(default=0)
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    due_on = models.DateField()
    opening_minor = models.BigIntegerField()
    charged_minor = models.BigIntegerField()
    vat_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    paid_total_minor = models.BigIntegerField()
    charged_before_minor = models.BigIntegerField(null=True)
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "month", "revision"], name="billing_bill_once"),
            models.CheckConstraint(
                condition=Q(closing_minor=F("opening_minor") + F("paid_minor") - F("charged_minor")),
                name="billing_bill_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(revision=0, corrects=None) | Q(revision__gt=0, corrects__isnull=False),
                name="billing_bill_names_what_it_corrects",
            ),
        ]


class FiscalReceipt(models.Model):
    """A receipt for the tax office, one for each payment or refund, whose id it has. `content` is its value.

    Registered once `fiscal_sign` is there; `problem` says why the register does not take it, for staff.
    """

    id = models.UUIDField(primary_key=True)
    contract = models.ForeignKey("customers.Contract", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    content = models.JSONField()
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    # What the register gave it: numbers of the fiscal drive (FN), of the document (FD), its sign (FPD).
    registered_at = models.DateTimeField(null=True)
    fiscal_drive = models.CharField(max_length=16, blank=True)
    fiscal_document = models.BigIntegerField(null=True)
    fiscal_sign = models.BigIntegerField(null=True)
    check_address = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["made_at"], condition=Q(registered_at=None), name="billing_fiscal_waiting")]


class Registry(models.Model):
    """A file of the gateway with what it settled, taken in once by the hash of its content."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField()
    line_count = models.IntegerField()
    matched_count = models.IntegerField()
    amount_minor = models.BigIntegerField()
    taken_at = models.DateTimeField()


class RegistryMatch(models.Model):
    """A payment or refund (its id) that stood in a registry, so that it is missed nowhere and found doubled."""

    id = models.UUIDField(primary_key=True)
    registry = models.ForeignKey(Registry, on_delete=models.PROTECT, related_name="+")
    line_number = models.IntegerField()


class RegistryDifference(models.Model):
    """Where a registry and our payments disagree; worked off once, by somebody of staff, with a reason."""

    registry = models.ForeignKey(Registry, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    # The line of the file, none for what is missing there; the payment or refund, none when the line names none.
    line_number = models.IntegerField(null=True)
    payment_id = models.UUIDField(null=True)
    reference = models.CharField(max_length=60, blank=True)
    theirs_minor = models.BigIntegerField(null=True)
    ours_minor = models.BigIntegerField(null=True)
    ours_state = models.CharField(max_length=20, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at=None, reason="") | (Q(resolved_at__isnull=False) & ~Q(reason="")),
                name="billing_difference_resolved_with_reason",
            )
        ]
        indexes = [
            models.Index(fields=["registry", "id"], name="billing_difference_of"),
            models.Index(fields=["registry"], condition=Q(resolved_at=None), name="billing_difference_open"),
            models.Index(fields=["payment_id"], condition=Q(resolved_at=None), name="billing_difference_of_payment"),
        ]
