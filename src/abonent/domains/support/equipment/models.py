"""What of a thing's way to a customer and back was signed for; private to the domain."""

from django.db import models

from abonent.domains.support.equipment.rules import Kind


class Act(models.Model):
    """A thing was handed out, came back, or was exchanged; the paper to sign is made of this row. Never edited.

    `form_id` is the form's. `place` is the talk or the visit it happened in, as the trail names it. `model`, `serial`
    and `terms` are what they were then; `serial_before` is the broken piece, `why` what was wrong with it.
    """

    form_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey("customers.Party", on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey("lines.Device", on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey("support.Agent", on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=40)
    model = models.CharField(max_length=60)
    serial = models.CharField(max_length=40)
    serial_before = models.CharField(max_length=40, blank=True)
    terms = models.JSONField()
    why = models.CharField(max_length=200, blank=True)
    # The channels were sent to the card that was handed out.
    activated = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["line", "-at"], name="support_acts_of_line")]
