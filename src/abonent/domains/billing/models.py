"""Tables of billing; private to the domain. Sums move in the ledger; here stands why."""

from django.db import models

from abonent.domains.billing.autopay.models import Autopay as Autopay
from abonent.domains.billing.autopay.models import AutopayAttempt as AutopayAttempt
from abonent.domains.billing.bills.models import (
    Bill as Bill,
)
from abonent.domains.billing.bills.models import (
    FiscalReceipt as FiscalReceipt,
)
from abonent.domains.billing.bills.models import (
    Registry as Registry,
)
from abonent.domains.billing.bills.models import (
    RegistryDifference as RegistryDifference,
)
from abonent.domains.billing.bills.models import (
    RegistryMatch as RegistryMatch,
)
from abonent.domains.billing.cashback.models import CashbackMove as CashbackMove
from abonent.domains.billing.cashback.models import CashbackPartner as CashbackPartner
from abonent.domains.billing.cashback.models import CashbackPurchase as CashbackPurchase
from abonent.domains.billing.cashback.models import CashbackTerms as CashbackTerms
from abonent.domains.billing.content.models import ContentAccount as ContentAccount
from abonent.domains.billing.content.models import PartnerCharge as PartnerCharge
from abonent.domains.billing.corrections.models import Correction as Correction
from abonent.domains.billing.families.models import FamilyGroup as FamilyGroup
from abonent.domains.billing.families.models import FamilyHandover as FamilyHandover
from abonent.domains.billing.families.models import FamilyInvitation as FamilyInvitation
from abonent.domains.billing.families.models import FamilyLimit as FamilyLimit
from abonent.domains.billing.families.models import FamilyMember as FamilyMember
from abonent.domains.billing.families.models import FamilyPause as FamilyPause
from abonent.domains.billing.families.models import FamilyTaken as FamilyTaken
from abonent.domains.billing.fees.models import FeesCharged as FeesCharged
from abonent.domains.billing.fees.models import FeeWaiting as FeeWaiting
from abonent.domains.billing.fees.models import ProductFees as ProductFees
from abonent.domains.billing.fees.models import ProductFeeWaiting as ProductFeeWaiting
from abonent.domains.billing.idle.models import IdleLine as IdleLine
from abonent.domains.billing.idle.models import IdleRules as IdleRules
from abonent.domains.billing.limits.models import LimitNotice as LimitNotice
from abonent.domains.billing.limits.models import PriceNotice as PriceNotice
from abonent.domains.billing.limits.models import PriceReason as PriceReason
from abonent.domains.billing.limits.models import SpendingLimit as SpendingLimit
from abonent.domains.billing.packages.models import Gift as Gift
from abonent.domains.billing.packages.models import GiftPart as GiftPart
from abonent.domains.billing.packages.models import PackageBucket as PackageBucket
from abonent.domains.billing.packages.models import PackageTaken as PackageTaken
from abonent.domains.billing.pauses.models import FeePause as FeePause
from abonent.domains.billing.promised.models import Promise as Promise
from abonent.domains.billing.promised.models import PromisedRules as PromisedRules
from abonent.domains.billing.promised.models import Repayment as Repayment
from abonent.domains.billing.topups.models import TopUp as TopUp
from abonent.domains.billing.topups.models import UsualCard as UsualCard
from abonent.domains.billing.transfers.models import FamilyPay as FamilyPay
from abonent.domains.billing.transfers.models import Transfer as Transfer


class Account(models.Model):
    """The money of one contract."""

    contract = models.OneToOneField("customers.Contract", on_delete=models.PROTECT, related_name="+")
    ledger_account_id = models.BigIntegerField(unique=True)


class Charge(models.Model):
    """Why a sum was taken: the record, the rule and the price. `id` is its transfer in the ledger.

    `quantity` is what was used (seconds, bytes, pieces), `included` the part that an allowance covered, `billed_units`
    the begun units paid for: `amount_minor = billed_units * price_minor`. A record whose price changed, because another
    came late, gets the next revision; `peer` is the record's.

    A fee has no record, but local days from `first_day` to before `end_day`. Of a period paid in part, `quantity` are
    its days paid and `unit_size` those of the whole period at `price_minor`; days given back have a negative sum.

    Of the category `service`, `peer` is the code of the offer, and `tariff_version_id` the version of that offer.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    booked_at = models.DateTimeField()
    amount_minor = models.BigIntegerField()
    price_minor = models.BigIntegerField()
    quantity = models.BigIntegerField()
    included = models.BigIntegerField()
    billed_units = models.BigIntegerField()
    unit_size = models.BigIntegerField()
    tariff_version_id = models.BigIntegerField()
    revision = models.SmallIntegerField(default=0)
    source_id = models.SmallIntegerField(null=True)
    record_id = models.CharField(max_length=100, null=True, db_collation="C")
    category = models.CharField(max_length=10)
    rule = models.CharField(max_length=60)
    peer = models.CharField(max_length=40, blank=True)
    first_day = models.DateField(null=True)
    end_day = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id", "source_id"], name="billing_record_charged_once"),
        ]
        indexes = [
            # With what expenses are made of, so that they are read from the index alone.
            models.Index(
                fields=["line_id", "booked_at"],
                include=["category", "amount_minor"],
                name="billing_charge_line_in_time",
            )
        ]


class Payment(models.Model):
    """Money that came in, or, below zero, that went back where it came from. `id` is its transfer in the ledger."""

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    booked_at = models.DateTimeField()
    amount_minor = models.BigIntegerField()
    method = models.CharField(max_length=20)
    detail = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account_id", "booked_at"], name="billing_payment_in_time")]


class Bucket(models.Model):
    """How much a line used in a period of what an allowance covers; `used` may exceed the allowance.

    `least_amount` is the smallest allowance among the records rated into it (a tariff may change within a period), None
    without limit: while `used` stays below it, the order of the records has no meaning.
    """

    pk = models.CompositePrimaryKey("line_id", "period_start", "bucket")
    line_id = models.BigIntegerField()
    period_start = models.DateTimeField()
    bucket = models.CharField(max_length=10)
    used = models.BigIntegerField()
    least_amount = models.BigIntegerField(null=True)
    # The start of the latest record rated into it: what comes earlier calls for rating the period anew.
    used_until = models.DateTimeField()


class Rerating(models.Model):
    """A period of a line that must be rated anew, because a record came late."""

    pk = models.CompositePrimaryKey("line_id", "period_start")
    line_id = models.BigIntegerField()
    period_start = models.DateTimeField()
