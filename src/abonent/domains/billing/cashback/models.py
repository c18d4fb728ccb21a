"""Tables of cashback; private to the domain."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from abonent.domains.billing.cashback.rules import State


class CashbackPartner(models.Model):
    """A shop whose purchases bring money to the account; `code` names it in files, addresses and keys."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)


class CashbackTerms(models.Model):
    """What a partner's purchases bring from a day on; see `cashback.rules.Terms`. A row is never edited."""

    partner = models.ForeignKey(CashbackPartner, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    rate_bp = models.PositiveIntegerField()
    purchase_cap_minor = models.BigIntegerField()
    month_cap_minor = models.BigIntegerField()
    hold_days = models.PositiveSmallIntegerField()
    excluded = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "valid_from"], name="billing_cashback_terms_once"),
        ]


class CashbackPurchase(models.Model):
    """A purchase at a partner, once by the partner's id; sums in minor units.

    `accrued_minor` came to the account, `reversed_minor` went back of it, `owed_minor` should have gone back and was
    spent: it is set off against later cashback. `returned_minor` is what of the purchase was brought back so far.
    """

    partner = models.ForeignKey(CashbackPartner, on_delete=models.PROTECT, related_name="+")
    purchase_id = models.CharField(max_length=60)
    terms = models.ForeignKey(CashbackTerms, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey("customers.Contract", on_delete=models.PROTECT, related_name="+")
    line_id = models.BigIntegerField()
    number = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    returned_minor = models.BigIntegerField(default=0)
    category = models.CharField(max_length=40, blank=True)
    bought_on = models.DateField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in State], default=State.WAITING)
    due_at = models.DateTimeField()
    accrued_minor = models.BigIntegerField(default=0)
    reversed_minor = models.BigIntegerField(default=0)
    owed_minor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "purchase_id"], name="billing_cashback_purchase_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, returned_minor__gte=0, returned_minor__lte=F("amount_minor")),
                name="billing_cashback_returned_of_it",
            ),
            models.CheckConstraint(
                condition=Q(
                    accrued_minor__gte=F("reversed_minor") + F("owed_minor"), reversed_minor__gte=0, owed_minor__gte=0
                ),
                name="billing_cashback_back_of_it",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=State.WAITING), name="billing_cashback_due"),
            models.Index(fields=["contract", "-bought_on"], name="billing_cashback_of"),
        ]


class CashbackMove(models.Model):
    """Money of a purchase that moved: in, or, below zero, back. `id` is its payment and its transfer in the ledger."""

    id = models.UUIDField(primary_key=True)
    purchase = models.ForeignKey(CashbackPurchase, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    booked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["purchase"], name="billing_cashback_moves_of")]
