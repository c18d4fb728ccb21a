"""Tables of what belongs to orders for another SIM or number, and of their terms; private to the domain."""

from django.db import models

from abonent.domains.orders.sims.rules import Form


class SimRules(models.Model):
    """The terms of new SIMs (`sims.rules.Terms`), from a local day on. Never edited: a change is a new row."""

    valid_from = models.DateField(unique=True)
    terms = models.JSONField()


class NumberRules(models.Model):
    """The terms of other numbers (`numbers.rules.Terms`), from a local day on. Never edited: a change is a new row."""

    valid_from = models.DateField(unique=True)
    terms = models.JSONField()


class SimChange(models.Model):
    """What SIM an order is for. It waits for its owner until `waits_until` (None: for nobody).

    `iccid` is that of a card or profile, `imsi` how the network will know it. The code of an eSIM (`address` and,
    sealed by the vault, `matching`) stands here until the order has its end; `shown_at` is when it was last seen.
    """

    order = models.OneToOneField("orders.Order", on_delete=models.CASCADE, primary_key=True, related_name="+")
    form = models.CharField(max_length=10, choices=[(form.value, form.value) for form in Form])
    shop = models.CharField(max_length=40, blank=True)
    waits_until = models.DateTimeField(null=True)
    iccid = models.CharField(max_length=20, blank=True)
    imsi = models.CharField(max_length=15, blank=True)
    address = models.CharField(max_length=254, blank=True)
    matching = models.CharField(max_length=300, blank=True)
    shown_at = models.DateTimeField(null=True)
    installed_at = models.DateTimeField(null=True)
    # The server that keeps profiles knows that this one is not wanted any more.
    withdrawn_at = models.DateTimeField(null=True)


class NumberChange(models.Model):
    """Which number an order gives up for which; `beauty` is what the new one was sold as."""

    order = models.OneToOneField("orders.Order", on_delete=models.CASCADE, primary_key=True, related_name="+")
    before = models.CharField(max_length=16, help_text="E.164")
    after = models.CharField(max_length=16, help_text="E.164")
    beauty = models.CharField(max_length=40)
