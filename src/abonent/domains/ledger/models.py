"""Tables of the ledger; private to the domain. Written only by the SQL functions that the migrations install."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class LedgerAccount(models.Model):
    """One side of a transfer. `balance_minor` is credits less debits; house accounts keep none (they are summed)."""

    book = models.CharField(max_length=20)
    code = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(null=True)
    floor_minor = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(fields=["book", "code", "currency"], name="ledger_account_named_once"),
            models.CheckConstraint(
                condition=Q(floor_minor=None) | Q(balance_minor__gte=F("floor_minor")), name="ledger_not_below_floor"
            ),
        ]


class Transfer(models.Model):
    """Money that moved, for ever: from the debit account to the credit account."""

    id = models.UUIDField(primary_key=True)
    debit_account_id = models.BigIntegerField()
    credit_account_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    # When it counts, for people and periods; `recorded_at` is when we learned of it.
    booked_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20)

    class Meta:
        db_table = "ledger_transfer"
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="ledger_amount_positive"),
            models.CheckConstraint(
                condition=~Q(debit_account_id=F("credit_account_id")), name="ledger_two_different_accounts"
            ),
        ]
