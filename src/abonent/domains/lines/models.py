"""Tables of lines; private to the domain."""

from django.db import models
from django.db.models import F, Q

from abonent.domains.lines.bars.models import Bar as Bar
from abonent.domains.lines.equipment.models import Activation as Activation
from abonent.domains.lines.equipment.models import Device as Device
from abonent.domains.lines.equipment.models import DeviceModel as DeviceModel
from abonent.domains.lines.equipment.models import Premises as Premises
from abonent.domains.lines.network.rules import CONDITIONS, Kind
from abonent.domains.lines.numbers.models import AwayNumber as AwayNumber
from abonent.domains.lines.numbers.models import FreeNumber as FreeNumber
from abonent.domains.lines.numbers.models import PastNumber as PastNumber
from abonent.domains.lines.numbers.models import SpareCard as SpareCard
from abonent.domains.lines.pins.models import LinePin as LinePin
from abonent.domains.lines.products.models import Product as Product
from abonent.domains.lines.provisioning.models import ProvisioningCommand as ProvisioningCommand
from abonent.domains.lines.sharing.models import Label as Label
from abonent.domains.lines.sharing.models import NumberRequest as NumberRequest
from abonent.domains.lines.sharing.models import Share as Share
from abonent.domains.lines.sharing.models import ShareSending as ShareSending
from abonent.domains.lines.sharing.models import ShareWish as ShareWish
from abonent.domains.lines.speed.models import SpeedTest as SpeedTest


class Line(models.Model):
    """A connection served from `opened_at` until `closed_at`. A number given anew to somebody is a new line."""

    contract = models.ForeignKey("customers.Contract", on_delete=models.PROTECT, related_name="+")
    service = models.CharField(
        max_length=10,
        choices=[("mobile", "mobile"), ("internet", "internet"), ("tv", "tv"), ("satellite", "satellite")],
    )
    number = models.CharField(max_length=40, help_text="E.164 for mobile, the login or account for others")
    # The number whose owner signs in for the whole party; a contract's other lines open only themselves.
    is_main = models.BooleanField(default=False)
    # The day of the month on which a billing period starts; 28 at most, so that every month has it.
    period_day = models.PositiveSmallIntegerField()
    # Where it is sold to, as the operator calls it; empty: not known.
    region = models.CharField(max_length=40, default="", db_default="", blank=True)
    opened_at = models.DateTimeField()
    # Since when it has this number, if it had another before (`PastNumber`).
    numbered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Its number proves nothing for a while, and why: follows from the bars that stand (`bars.impose`).
    blocked_at = models.DateTimeField(null=True)
    block_reason = models.CharField(max_length=20, blank=True)
    # From when another tariff is ordered for it; what is ordered stands with the orders.
    tariff_changes_at = models.DateTimeField(null=True)
    # Why it is not served any more: the number was given away, or the contract ended.
    close_reason = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=Q(closed_at=None), name="lines_number_served_once"),
            models.CheckConstraint(condition=Q(period_day__range=(1, 28)), name="lines_period_day_in_every_month"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gt=F("opened_at")), name="lines_closed_after_opened"
            ),
        ]
        indexes = [models.Index(fields=["number", "opened_at"], name="lines_line_number_in_time")]


class TariffAssignment(models.Model):
    """Which tariff version a line had when; the periods of one line do not overlap."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    tariff_version = models.ForeignKey("catalog.TariffVersion", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(valid_until=None), name="lines_one_tariff_now")
        ]


class LineAccess(models.Model):
    """An account that proved a line to be in its hands."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    line = models.OneToOneField(Line, on_delete=models.PROTECT, related_name="+")
    proven_at = models.DateTimeField()


class Sim(models.Model):
    """Which SIM a line is served with from `since` until `until`; `imsi` is how the network knows it."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    imsi = models.CharField(max_length=15)
    # What unlocks the card after wrong PINs, sealed by the vault; empty: not known here.
    puk = models.CharField(max_length=200, default="", db_default="", blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line"], condition=Q(until=None), name="lines_one_sim_now")]


class Forwarding(models.Model):
    """Where calls of a line go instead, from `since` until `until`."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    condition = models.CharField(max_length=12, choices=[(name, name) for name in CONDITIONS])
    target = models.CharField(max_length=16, help_text="E.164")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "condition"], condition=Q(until=None), name="lines_one_forwarding_each"
            )
        ]


class NetworkEvent(models.Model):
    """What the network said happened to a number; taken once by `key`. SIM, forwarding and block follow from these.

    `line` is the line the number was at that time, none when nobody had it; `at` is when it happened, not when it came.
    """

    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    number = models.CharField(max_length=40)
    line = models.ForeignKey(Line, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    # The new SIM's IMSI; or where calls go under `condition`, empty when they do so no longer.
    value = models.CharField(max_length=16, blank=True)
    condition = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [models.Index(fields=["line", "kind", "at"], name="lines_network_of_line")]
