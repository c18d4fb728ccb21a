"""Tables of content accounts and of what providers' subscriptions cost; private to the domain."""

from django.db import models
from django.db.models import F, Q


class ContentAccount(models.Model):
    """The money of a contract that alone pays providers while it is on; the ledger never lets it fall below zero.

    Whoever reads or changes `is_on` to move money holds this row.
    """

    contract = models.OneToOneField("customers.Contract", primary_key=True, on_delete=models.PROTECT, related_name="+")
    ledger_account_id = models.BigIntegerField(unique=True)
    is_on = models.BooleanField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "billing_content_account"


class PartnerCharge(models.Model):
    """What a charge of a provider was for; `id` is the charge's. Names stand here as they were.

    `returned_minor` came back for days that were left over when the subscription ended.
    """

    id = models.UUIDField(primary_key=True)
    subscription_id = models.UUIDField()
    provider = models.CharField(max_length=20)
    names = models.JSONField()
    per = models.CharField(max_length=5)
    from_content = models.BooleanField()
    amount_minor = models.BigIntegerField()
    returned_minor = models.BigIntegerField(default=0)

    class Meta:
        db_table = "billing_partner_charge"
        constraints = [
            models.CheckConstraint(
                condition=Q(returned_minor__gte=0, returned_minor__lte=F("amount_minor")),
                name="billing_partner_returned_of_it",
            ),
        ]
        indexes = [models.Index(fields=["subscription_id"], name="billing_partner_charges_of")]
