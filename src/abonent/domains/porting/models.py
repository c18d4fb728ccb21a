"""Tables of numbers that change their operator; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.porting.rules import Form
from abonent.domains.porting.states import IN_OPEN, OUT_OPEN, State

STATES = [(state.value, state.value) for state in State]
IN_STILL_OPEN = sorted(state.value for state in IN_OPEN)
OUT_STILL_OPEN = sorted(state.value for state in OUT_OPEN)


class PortingRules(models.Model):
    """The terms (`rules.Terms`), from a local day on. Never edited: a change is a new row."""

    valid_from = models.DateField(unique=True)
    terms = models.JSONField()


class PortIn(models.Model):
    """A number that somebody brings. `ref` names it in its lasting address, at the central database and in the ledger.

    `account_id` and `contract` are those of the cabinet it was asked in; a newcomer has neither before the number came.
    `price_minor` is held for it (`held`), or, of a newcomer, owed from the first day. `owner` is who they are
    (`rules.Owner`), sealed by the vault until the end, and a month longer when the number did not come. What its eSIM
    is installed by stands here as with other SIMs.
    """

    ref = models.UUIDField(unique=True)
    account_id = models.BigIntegerField(null=True)
    contract = models.ForeignKey("customers.Contract", null=True, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("lines.Line", null=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=16, help_text="E.164")
    tariff_version = models.ForeignKey("catalog.TariffVersion", on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=10, choices=[(form.value, form.value) for form in Form])
    shop = models.CharField(max_length=40, blank=True)
    owner = models.TextField(blank=True)
    day = models.DateField()
    rules = models.ForeignKey(PortingRules, on_delete=models.PROTECT, related_name="+")
    price_minor = models.BigIntegerField()
    held = models.BooleanField(default=False)
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=10, choices=STATES)
    reason = models.CharField(max_length=20, blank=True)
    operator = models.CharField(max_length=60, blank=True)
    window_from = models.DateTimeField(null=True)
    window_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # When the central database is asked (again); whoever asks puts it off first.
    next_try_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    iccid = models.CharField(max_length=20, blank=True)
    imsi = models.CharField(max_length=15, blank=True)
    address = models.CharField(max_length=254, blank=True)
    matching = models.CharField(max_length=300, blank=True)
    shown_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    # Whether one of staff has looked at a refusal.
    seen_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(state__in=IN_STILL_OPEN), name="porting_brought_once_at_a_time"
            ),
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="porting_price_not_negative"),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="porting_in_due", condition=Q(state__in=IN_STILL_OPEN)),
            models.Index(fields=["account_id", "-asked_at"], name="porting_in_of_account"),
        ]


class PortOut(models.Model):
    """A number that another operator takes for somebody; `ref` is the central database's name of it.

    `stop_ref` is the secret of the address at which its owner stops it. `owner_fits` None: we keep no document to
    compare with, so that one of staff decides (`decided`). `answered_at` is when the central database had our answer.
    """

    ref = models.UUIDField(unique=True)
    stop_ref = models.UUIDField(unique=True)
    line = models.ForeignKey("lines.Line", null=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=16, help_text="E.164")
    operator = models.CharField(max_length=60)
    owner_fits = models.BooleanField(null=True)
    decided = models.BooleanField(null=True)
    decided_by = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=STATES)
    reason = models.CharField(max_length=20, blank=True)
    window_from = models.DateTimeField(null=True)
    window_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(state__in=OUT_STILL_OPEN), name="porting_taken_once_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["line", "-asked_at"], name="porting_out_of_line"),
            models.Index(fields=["next_try_at"], name="porting_out_due", condition=Q(next_try_at__isnull=False)),
        ]


class Step(models.Model):
    """A state that a request came into, and when; of exactly one direction."""

    port_in = models.ForeignKey(PortIn, null=True, on_delete=models.CASCADE, related_name="+")
    port_out = models.ForeignKey(PortOut, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["port_in", "state"], name="porting_in_each_state_once"),
            models.UniqueConstraint(fields=["port_out", "state"], name="porting_out_each_state_once"),
            models.CheckConstraint(
                condition=Q(port_in=None, port_out__isnull=False) | Q(port_in__isnull=False, port_out=None),
                name="porting_step_of_one_request",
            ),
        ]
