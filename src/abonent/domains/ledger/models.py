"""Tables of the ledger; private to the domain. Written only by the SQL functions that the migrations install."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class LedgerAccount(models.Model):
    """One side of a transfer, in the books of one legal entity, in one currency.

    `balance_minor` is what was credited less what was debited. What is pending is reserved: pending debits count
    against the floor, pending credits are not yet there. House accounts keep none of these sums: they are added up.
    """

    entity = models.CharField(max_length=20, db_default="main")
    book = models.CharField(max_length=20)
    code = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    debits_posted_minor = models.BigIntegerField(null=True)
    credits_posted_minor = models.BigIntegerField(null=True)
    debits_pending_minor = models.BigIntegerField(null=True)
    credits_pending_minor = models.BigIntegerField(null=True)
    balance_minor = models.GeneratedField(
        expression=F("credits_posted_minor") - F("debits_posted_minor"),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    floor_minor = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(fields=["entity", "book", "code", "currency"], name="ledger_account_named_once"),
            models.CheckConstraint(
                condition=Q(floor_minor=None)
                | Q(
                    credits_posted_minor__gte=F("debits_posted_minor") + F("debits_pending_minor") + F("floor_minor"),
                ),
                name="ledger_not_below_floor",
            ),
            models.CheckConstraint(
                condition=Q(debits_pending_minor__gte=0, credits_pending_minor__gte=0),
                name="ledger_pending_not_negative",
            ),
        ]


class Transfer(models.Model):
    """What was ordered, for ever: from the debit account to the credit account.

    Money moved when the phase is `SINGLE`, `POST` or `REVERSAL`. `PENDING` only reserves it, until one other transfer
    resolves it: `POST` (the whole or a part), `VOID` or `EXPIRE`, which names it in `of_id`. A `REVERSAL` names there
    what it takes back.
    """

    class Phase(models.TextChoices):
        """What a transfer does with the sum."""

        SINGLE = "single"
        PENDING = "pending"
        POST = "post"
        VOID = "void"
        EXPIRE = "expire"
        REVERSAL = "reversal"

    id = models.UUIDField(primary_key=True)
    debit_account_id = models.BigIntegerField()
    credit_account_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    # When it counts, for people and periods; `recorded_at` is when we learned of it.
    booked_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20)
    phase = models.CharField(max_length=8, choices=Phase.choices, db_default="single")
    of_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_transfer"
        indexes = [
            models.Index(fields=["debit_account_id", "booked_at"], name="ledger_debits"),
            models.Index(fields=["credit_account_id", "booked_at"], name="ledger_credits"),
            models.Index(fields=["of_id"], name="ledger_reversals", condition=Q(phase="reversal")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="ledger_amount_positive"),
            models.CheckConstraint(
                condition=~Q(debit_account_id=F("credit_account_id")), name="ledger_two_different_accounts"
            ),
            models.CheckConstraint(
                condition=Q(phase__in=["single", "pending"], of_id=None)
                | Q(phase__in=["post", "void", "expire", "reversal"], of_id__isnull=False),
                name="ledger_phase_names_another",
            ),
            models.CheckConstraint(condition=Q(expires_at=None) | Q(phase="pending"), name="ledger_pending_expires"),
            models.UniqueConstraint(
                fields=["of_id"],
                condition=Q(phase__in=["post", "void", "expire"]),
                name="ledger_resolved_once",
            ),
        ]


class OpenPending(models.Model):
    """A pending transfer that nothing resolved yet. Transfers never change; this row goes when its resolution comes."""

    transfer_id = models.UUIDField(primary_key=True)
    debit_account_id = models.BigIntegerField()
    credit_account_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_pending"
        indexes = [
            models.Index(fields=["expires_at"], name="ledger_pending_due", condition=Q(expires_at__isnull=False))
        ]
