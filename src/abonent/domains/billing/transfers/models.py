"""Tables of money between subscribers; private to the domain."""

from django.db import models
from django.db.models import F, Q

from abonent.domains.billing.transfers.states import State


class Transfer(models.Model):
    """A wish to send money to another subscriber, and what became of it. `id` is its transfer in the ledger.

    `asked_by` is the account (of identity) that wanted it, none for what a family agreement pays. Who gets it is
    looked up once, at `looked_up_at`; `line_to_id` stays empty when nobody under `number_to` can get money. Names are
    hints, as each side sees the other: `Мария К***`.
    """

    id = models.UUIDField(primary_key=True)
    contract_from = models.ForeignKey("customers.Contract", on_delete=models.PROTECT, related_name="+")
    contract_to = models.ForeignKey("customers.Contract", null=True, on_delete=models.PROTECT, related_name="+")
    line_from_id = models.BigIntegerField()
    line_to_id = models.BigIntegerField(null=True)
    number_from = models.CharField(max_length=40, help_text="E.164, or what a line without a number is called")
    number_to = models.CharField(max_length=40, help_text="as `number_from`")
    name_from = models.CharField(max_length=120, blank=True)
    name_to = models.CharField(max_length=120, blank=True)
    asked_by = models.BigIntegerField(null=True)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in State], default=State.ASKED)
    # Why it was refused after it was confirmed, in the words of `transfers.rules.Refusal`.
    reason = models.CharField(max_length=20, blank=True)
    # What proved it, in the words of `identity.rules.Proof`; empty for what a family agreement pays.
    proven_by = models.CharField(max_length=10, blank=True)
    asked_at = models.DateTimeField()
    looked_up_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    # The transfer that this one gives back; the agreement that this one follows from.
    returns = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey("billing.FamilyPay", null=True, on_delete=models.PROTECT, related_name="+")
    # The sender asked for it back, since it was a mistake; the receiver said no.
    asked_back_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="billing_transfer_positive"),
            models.CheckConstraint(condition=Q(fee_minor__gte=0), name="billing_transfer_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(contract_to=None) | ~Q(contract_from=F("contract_to")), name="billing_transfer_to_another"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.DONE) | (Q(contract_to__isnull=False) & Q(settled_at__isnull=False)),
                name="billing_transfer_done_to_somebody",
            ),
            models.UniqueConstraint(
                fields=["returns"], condition=Q(state=State.DONE), name="billing_transfer_returned_once"
            ),
        ]
        indexes = [
            models.Index(fields=["contract_from", "-asked_at"], name="billing_transfer_out"),
            models.Index(fields=["contract_to", "-asked_at"], name="billing_transfer_in"),
            models.Index(fields=["asked_by", "looked_up_at"], name="billing_transfer_looked_up"),
            models.Index(fields=["expires_at"], condition=Q(state=State.ASKED), name="billing_transfer_waiting"),
        ]


class FamilyPay(models.Model):
    """One contract pays for a number of another: invited, agreed to, ended by either side at any time.

    While it is active, the payer's balance tops the member's up by `portion_minor` when that falls below
    `threshold_minor`, and by no more than `cap_minor` in a calendar month. The member's line and contract are known
    once somebody agreed: until then nothing tells whether the number is anybody's.
    """

    class State(models.TextChoices):
        ASKED = "asked"
        INVITED = "invited"
        ACTIVE = "active"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True)
    payer = models.ForeignKey("customers.Contract", on_delete=models.PROTECT, related_name="+")
    payer_line_id = models.BigIntegerField()
    payer_number = models.CharField(max_length=40, help_text="E.164, or what a line without a number is called")
    payer_name = models.CharField(max_length=120, blank=True)
    asked_by = models.BigIntegerField()
    number = models.CharField(max_length=16, help_text="E.164")
    member = models.ForeignKey("customers.Contract", null=True, on_delete=models.PROTECT, related_name="+")
    member_line_id = models.BigIntegerField(null=True)
    member_name = models.CharField(max_length=120, blank=True)
    cap_minor = models.BigIntegerField()
    threshold_minor = models.BigIntegerField()
    portion_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    # "payer", "member" (who did not agree, or ended it), "time", "network".
    ended_by = models.CharField(max_length=10, blank=True)
    asked_at = models.DateTimeField()
    invited_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(portion_minor__gt=0, cap_minor__gte=F("portion_minor"), threshold_minor__gte=0),
                name="billing_family_sums",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(member__isnull=False, member_line_id__isnull=False),
                name="billing_family_of_somebody",
            ),
            models.UniqueConstraint(fields=["member"], condition=Q(state="active"), name="billing_family_one_payer"),
        ]
        indexes = [
            models.Index(fields=["payer", "-asked_at"], name="billing_family_paid_by"),
            models.Index(fields=["number"], condition=Q(state="invited"), name="billing_family_invited"),
        ]
