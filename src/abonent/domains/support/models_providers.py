"""The table of what two of staff decide about content providers; private to the domain."""

from django.db import models
from django.db.models import F, Q


class ProviderProposal(models.Model):
    """One of staff wants a provider suspended, or let go on; another agrees or not."""

    provider = models.CharField(max_length=20)
    suspend = models.BooleanField()
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey("support.Agent", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("support.Agent", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)

    class Meta:
        db_table = "support_provider_proposal"
        constraints = [
            models.UniqueConstraint(
                fields=["provider"], condition=Q(granted=None), name="support_one_proposal_for_a_provider"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="support_provider_takes_two"
            ),
        ]
