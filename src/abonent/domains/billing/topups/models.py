"""Table of top-ups that people began; private to the domain."""

from django.db import models


class TopUp(models.Model):
    """Who wanted to pay in what for which number; `id` is the payment's, and its transfer's in the ledger.

    `number` is what was asked for, E.164 or login; `contract_id` is credited. `line_id` is None when nobody is served
    by that number: then the money goes to the payer's own contract. `payer_id` is the account of identity, which may be
    erased while books are kept; `payer_number` is the number that it paid from.
    """

    id = models.UUIDField(primary_key=True)
    payer_id = models.BigIntegerField()
    payer_line_id = models.BigIntegerField()
    payer_number = models.CharField(max_length=40)
    contract_id = models.BigIntegerField()
    line_id = models.BigIntegerField(null=True)
    number = models.CharField(max_length=40)
    is_own = models.BooleanField()
    amount_minor = models.BigIntegerField()
    method = models.CharField(max_length=20)
    card_id = models.BigIntegerField(null=True)
    save_card = models.BooleanField()
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    # "settled", "declined"; empty until the gateway said so.
    outcome = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes = [models.Index(fields=["payer_id", "-created_at"], name="billing_topups_of_payer")]


class UsualCard(models.Model):
    """The saved card that somebody wants to be offered first."""

    payer_id = models.BigIntegerField(primary_key=True)
    card_id = models.BigIntegerField()
