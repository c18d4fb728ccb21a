"""Tables of lines that others see; private to the domain."""

from django.db import models
from django.db.models import F, Q

from abonent.domains.lines.sharing.rules import COLOURS, Consent, EndedBy, Reason, RequestState, Role


class Share(models.Model):
    """That an account sees a line of somebody else, as `role`, from `since` until `ended_at`.

    `viewer_line` is the line that who looks is known by to the owner.
    """

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    viewer_line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=[(role, role) for role in Role])
    consent = models.CharField(max_length=10, choices=[(consent, consent) for consent in Consent])
    since = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, blank=True, choices=[(who, who) for who in EndedBy])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "line"], condition=Q(ended_at=None), name="lines_shared_once"),
            models.CheckConstraint(condition=~Q(line=F("viewer_line")), name="lines_shared_with_another"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="lines_share_ended_by_somebody",
            ),
        ]


class ShareWish(models.Model):
    """That an account asked to see a number, before its owner agreed. `id` is that of the form.

    `number` (E.164) may be nobody's: nothing is said of that to who asks.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    viewer_line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=16)
    role = models.CharField(max_length=12, choices=[(role, role) for role in Role])
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "asked_at"], name="lines_wishes_of_account")]


class ShareSending(models.Model):
    """That a code was sent for a wish: counted by who asked and by who was asked."""

    wish = models.ForeignKey(ShareWish, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["number", "at"], name="lines_sendings_to_number")]


class Label(models.Model):
    """How an account calls a line that it sees, and where that stands in its list."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=24, blank=True)
    colour = models.CharField(max_length=10, blank=True, choices=[(colour, colour) for colour in COLOURS])
    position = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "line"], name="lines_one_label")]


class NumberRequest(models.Model):
    """That somebody wants to see another number of their own; staff answer by `due_at`.

    `viewer_line` is the line it was asked for from, or whose cabinet a text from the number itself meant.
    """

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    viewer_line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=16)
    # Asked by a text from the number itself.
    from_number = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in RequestState], default=RequestState.ASKED
    )
    reason = models.CharField(max_length=14, blank=True, choices=[(reason, reason) for reason in Reason])
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "number"], condition=Q(state="asked"), name="lines_one_number_request"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None) | (~Q(state="asked") & Q(decided_at__isnull=False)),
                name="lines_number_request_decided",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="asked"), name="lines_number_requests_due")]
