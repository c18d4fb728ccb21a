"""Tables of families that share a package; private to the domain."""

from django.db import models
from django.db.models import F, Q

from abonent.domains.billing.families.rules import (
    COLOURS,
    HANDOVERS_OPEN,
    EndedBy,
    HandoverState,
    InvitationState,
)
from abonent.domains.billing.packages.models import KINDS


class FamilyGroup(models.Model):
    """A family from `since` until `ended_at` (none: still), on the terms of one version of the offer (`family`).

    Whose package it shares is told by the membership that `is_owner`.
    """

    id = models.UUIDField(primary_key=True)
    offer_version = models.ForeignKey("catalog.OfferVersion", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class FamilyMember(models.Model):
    """That a line is in a group from `since` until `until` (none: still), as its owner or as a member.

    `name` and `colour` are what the owner calls it. `since` may be to come: a line begins with a period of its own
    when it was in a group in the one that runs.
    """

    id = models.UUIDField(primary_key=True)
    group = models.ForeignKey(FamilyGroup, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    is_owner = models.BooleanField(default=False)
    name = models.CharField(max_length=24, blank=True)
    colour = models.CharField(max_length=10, blank=True, choices=[(colour, colour) for colour in COLOURS])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, blank=True, choices=[(who, who) for who in EndedBy])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(until=None), name="billing_one_family_a_line"),
            models.UniqueConstraint(
                fields=["group"], condition=Q(is_owner=True, until=None), name="billing_one_owner_a_family"
            ),
            models.CheckConstraint(
                condition=Q(until=None, ended_by="") | (Q(until__gte=F("since")) & ~Q(ended_by="")),
                name="billing_family_member_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["line", "since"], name="billing_family_of_line")]


class FamilyInvitation(models.Model):
    """That the owner of a group asks a number to join. `id` is that of the form.

    `number` (E.164) may be nobody's: nothing is said of that to who asks.
    """

    id = models.UUIDField(primary_key=True)
    group = models.ForeignKey(FamilyGroup, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=16)
    name = models.CharField(max_length=24, blank=True)
    asked_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in InvitationState], default=InvitationState.WAITING
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "number"], condition=Q(state="waiting"), name="billing_family_invited_once"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", answered_at=None) | (~Q(state="waiting") & Q(answered_at__isnull=False)),
                name="billing_family_invitation_answered",
            ),
        ]
        indexes = [models.Index(fields=["number", "asked_at"], name="billing_family_asked")]


class FamilyLimit(models.Model):
    """How much a member may take of a kind in a period of the owner, from `valid_from` on; never edited.

    None: as much as there is; 0: nothing.
    """

    member = models.ForeignKey(FamilyMember, on_delete=models.PROTECT, related_name="+")
    bucket = models.CharField(max_length=10, choices=KINDS)
    amount = models.BigIntegerField(null=True)
    valid_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "bucket", "valid_from"], name="billing_family_limit_once"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="billing_family_limit_amount"),
        ]


class FamilyTaken(models.Model):
    """How much a member took of a kind from the common package in a period of its owner.

    `told_percent` is the share of the limit of which the member was told last.
    """

    pk = models.CompositePrimaryKey("member_id", "bucket", "period_start")
    member_id = models.UUIDField()
    bucket = models.CharField(max_length=10, choices=KINDS)
    period_start = models.DateTimeField()
    used = models.BigIntegerField()
    told_percent = models.SmallIntegerField(default=0, db_default=0)


class FamilyPause(models.Model):
    """That the package of a group is shared with nobody from `since` until `until` (none: still): its fee waits."""

    group = models.ForeignKey(FamilyGroup, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group"], condition=Q(until=None), name="billing_family_paused_once"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="billing_family_pause_ends_later"
            ),
        ]


class FamilyHandover(models.Model):
    """That the owner of a group asks a member to pay for it from now on. `id` is that of the form.

    `takes_effect_at` is known when the member agreed; `why` says why it came to nothing.
    """

    id = models.UUIDField(primary_key=True)
    group = models.ForeignKey(FamilyGroup, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(FamilyMember, on_delete=models.PROTECT, related_name="+")
    fee_minor = models.BigIntegerField()
    asked_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in HandoverState], default=HandoverState.WAITING
    )
    answered_at = models.DateTimeField(null=True)
    takes_effect_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group"], condition=Q(state__in=HANDOVERS_OPEN), name="billing_family_one_handover"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("agreed", "done")) | Q(takes_effect_at__isnull=False),
                name="billing_family_handover_has_its_day",
            ),
        ]
