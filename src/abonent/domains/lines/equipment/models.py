"""Where a line on a wire or a dish is served, with what, and the activations asked for; private to the domain."""

from django.db import models
from django.db.models import F, Q

from abonent.domains.lines.equipment.rules import Kind


class Premises(models.Model):
    """Where a fixed line ends: `district` is how those who send technicians call the part of the town."""

    line = models.OneToOneField("lines.Line", on_delete=models.PROTECT, related_name="+", primary_key=True)
    district = models.CharField(max_length=60)
    address = models.CharField(max_length=200)


class DeviceModel(models.Model):
    """What is handed out under a code (`equipment.rules.Offer`), from a local day on. Never edited."""

    code = models.CharField(max_length=40)
    valid_from = models.DateField()
    terms = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="lines_device_model_once_a_day")]


class Device(models.Model):
    """A thing that a line is used with, from `since` until it came back at `until` (None: it is there).

    `terms` are `equipment.rules.Terms`: whose it is, and what is paid for it from `since` on.
    """

    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    model = models.CharField(max_length=60)
    serial = models.CharField(max_length=40)
    terms = models.JSONField()
    since = models.DateField()
    until = models.DateField(null=True)
    warranty_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "serial"], condition=Q(until=None), name="lines_device_in_one_place"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="lines_device_back_after_given"
            ),
        ]
        indexes = [
            models.Index(fields=["line", "since"], name="lines_device_of_line"),
            models.Index(fields=["since"], name="lines_device_paid_for", condition=~Q(terms__held="own")),
        ]


class Activation(models.Model):
    """The channels of a card sent to it once more. `id` is the form's and the network command's."""

    id = models.UUIDField(primary_key=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    # Who asked; None: an account that is not there any more.
    account_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    # Sent, or refused by the network (`failed`).
    ended_at = models.DateTimeField(null=True)
    failed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(ended_at=None), name="lines_one_activation_open")
        ]
        indexes = [models.Index(fields=["line", "-asked_at"], name="lines_activations_of")]
