"""Tables of provisioning; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.lines.provisioning.rules import OPEN, State

STILL_OPEN = sorted(state.value for state in OPEN)


class ProvisioningCommand(models.Model):
    """Something that the network is to do for a line. The commands of a line go one after the other, in order of `id`.

    `command_id` is its name at the network for ever; `reference` is what it is done for (an order), none when it mends
    a difference. `next_try_at` is when to ask (again): whoever asks puts it off first, so nobody else does meanwhile.
    """

    command_id = models.UUIDField(unique=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    # The number or login at that time: a line that is closed meanwhile does not switch anything of the next one.
    number = models.CharField(max_length=40)
    features_on = models.JSONField()
    features_off = models.JSONField()
    reference = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State])
    tries = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["line", "id"], name="lines_command_of_line", condition=Q(state__in=STILL_OPEN)),
            models.Index(fields=["next_try_at"], name="lines_command_due", condition=Q(state__in=STILL_OPEN)),
            models.Index(fields=["reference"], name="lines_command_reference"),
            models.Index(fields=["line", "ended_at"], name="lines_command_ended"),
        ]
