"""Tables of payments; private to the domain. No card number is anywhere: a card is the gateway's token, sealed."""

from django.db import models
from django.db.models import Q

from abonent.domains.payments.ports import Method
from abonent.domains.payments.states import RefundState, State


class Payment(models.Model):
    """Money asked for. `id` is made by who asks; it is the order's number at the gateway and the ledger's transfer.

    `payer_id` and `reference` mean something to who asked, and nothing here. `settled_minor` is what came.
    """

    id = models.UUIDField(primary_key=True)
    purpose = models.CharField(max_length=20)
    reference = models.CharField(max_length=60)
    ledger_account_id = models.BigIntegerField()
    payer_id = models.BigIntegerField(null=True)
    method = models.CharField(max_length=10, choices=[(method, method) for method in Method])
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="RUB")
    card_id = models.BigIntegerField(null=True)
    # Charged without its owner, who is told before and after by who asked.
    off_session = models.BooleanField(default=False)
    save_card = models.BooleanField(default=False)
    description = models.CharField(max_length=100)
    language = models.CharField(max_length=5)
    return_path = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=[(state, state) for state in State], default=State.NEW)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # How the gateway calls it, and where it is paid.
    gateway_order = models.CharField(max_length=64, blank=True)
    redirect_url = models.CharField(max_length=500, blank=True)
    qr_payload = models.CharField(max_length=500, blank=True)
    cash_code = models.CharField(max_length=20, blank=True)
    settled_minor = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    # Why no money came (a `ports.Reason`); what the means of payment was.
    reason = models.CharField(max_length=30, blank=True)
    detail = models.CharField(max_length=60, blank=True)
    # What a person must look at; empty when all is well.
    problem = models.CharField(max_length=100, blank=True)
    asks = models.PositiveSmallIntegerField(default=0)
    # When the gateway is asked next; None: it need not be.
    next_ask_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_amount_positive"),
            models.CheckConstraint(
                condition=Q(state=State.SETTLED, settled_minor__gt=0, settled_at__isnull=False)
                | (~Q(state=State.SETTLED) & Q(settled_minor=None, settled_at=None)),
                name="payments_settled_has_its_sum",
            ),
            models.UniqueConstraint(
                fields=["cash_code"], condition=~Q(cash_code=""), name="payments_cash_code_names_one"
            ),
        ]
        indexes = [
            models.Index(fields=["next_ask_at"], condition=~Q(next_ask_at=None), name="payments_to_ask"),
            models.Index(fields=["purpose", "reference", "-created_at"], name="payments_of_reference"),
            models.Index(fields=["payer_id", "-created_at"], name="payments_of_payer"),
            models.Index(fields=["gateway_order"], condition=~Q(gateway_order=""), name="payments_by_order"),
        ]


class Refund(models.Model):
    """Money that goes back the way it came. `id` is made by who asks, and is the ledger's transfer."""

    id = models.UUIDField(primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    # What the gateway had given back before: by this an unanswered refund is told from one that was done.
    returned_before_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in RefundState], default=RefundState.ASKED
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    refused_because = models.CharField(max_length=100, blank=True)
    asks = models.PositiveSmallIntegerField(default=0)
    next_ask_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_refund_positive"),
            # One after the other: only then tells the gateway's sum which of them was done.
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(state__in=[RefundState.ASKED, RefundState.UNKNOWN]),
                name="payments_one_refund_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["payment"], name="payments_refunds_of"),
            models.Index(fields=["next_ask_at"], condition=~Q(next_ask_at=None), name="payments_refunds_to_ask"),
        ]


class Card(models.Model):
    """A card that the gateway keeps for a payer: its sealed token, and what may be shown of it."""

    payer_id = models.BigIntegerField()
    token = models.TextField()
    # Tells whether a token is known without opening it.
    token_hash = models.CharField(max_length=64)
    brand = models.CharField(max_length=20)
    last_four = models.CharField(max_length=4)
    expires_on = models.DateField()
    created_at = models.DateTimeField()
    # Shown and charged no more; the row goes when the gateway has forgotten it, too.
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payer_id", "token_hash"], name="payments_card_kept_once"),
        ]
        indexes = [
            models.Index(fields=["forgotten_at"], condition=~Q(forgotten_at=None), name="payments_cards_to_forget")
        ]


class Notice(models.Model):
    """A callback of the gateway, taken in once: a hint that something happened. Deleted after 90 days."""

    key = models.CharField(max_length=64, unique=True)
    payment_id = models.UUIDField(null=True)
    gateway_order = models.CharField(max_length=64, blank=True)
    operation = models.CharField(max_length=30)
    succeeded = models.BooleanField()
    amount_minor = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    # How often it came.
    times = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="payments_notices_by_time")]
