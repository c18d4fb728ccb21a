"""Tables of recurring fees; private to the domain."""

from django.db import models


class FeesCharged(models.Model):
    """How far the fees of a line are settled; see `fees.rules.Mark`, whose fields these are.

    `month` is the one in which the period starts, counted from the year 0.
    """

    line_id = models.BigIntegerField(primary_key=True)
    month = models.IntegerField()
    until_day = models.DateField(null=True)
    from_day = models.DateField(null=True)
    tariff_version_id = models.BigIntegerField(null=True)
    turn = models.SmallIntegerField(default=0, db_default=0)


class ProductFees(models.Model):
    """How far the fees of a service on a line are settled; as `FeesCharged`, the version is that of the offer."""

    product_id = models.BigIntegerField(primary_key=True)
    month = models.IntegerField()
    until_day = models.DateField(null=True)
    from_day = models.DateField(null=True)
    tariff_version_id = models.BigIntegerField(null=True)
    turn = models.SmallIntegerField(default=0, db_default=0)


class ProductFeeWaiting(models.Model):
    """A fee of a service on a line that could not be charged; as `FeeWaiting`, the version is that of the offer."""

    product_id = models.BigIntegerField(primary_key=True)
    contract_id = models.BigIntegerField(db_index=True)
    month = models.IntegerField()
    since = models.DateTimeField()
    first_day = models.DateField()
    end_day = models.DateField()
    amount_minor = models.BigIntegerField()
    tariff_version_id = models.BigIntegerField()
    by_day = models.BooleanField()
    told_at = models.DateTimeField(null=True)
    charged_at = models.DateTimeField(null=True)
    charged_minor = models.BigIntegerField(null=True)


class FeeWaiting(models.Model):
    """A fee that could not be charged; see `fees.money.Waiting`, whose fields these are.

    The customer is told once (`told_at`), and once more when it was charged in the end (`charged_at`, `charged_minor`);
    then the row goes.
    """

    line_id = models.BigIntegerField(primary_key=True)
    contract_id = models.BigIntegerField(db_index=True)
    month = models.IntegerField()
    since = models.DateTimeField()
    first_day = models.DateField()
    end_day = models.DateField()
    amount_minor = models.BigIntegerField()
    tariff_version_id = models.BigIntegerField()
    by_day = models.BooleanField()
    told_at = models.DateTimeField(null=True)
    charged_at = models.DateTimeField(null=True)
    charged_minor = models.BigIntegerField(null=True)
