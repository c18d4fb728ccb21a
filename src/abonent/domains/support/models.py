"""Tables of support; private to the domain."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from abonent.domains.billing.corrections.rules import Kind
from abonent.domains.support.corrections.rules import Outcome
from abonent.domains.support.disputes.rules import Reason
from abonent.domains.support.disputes.rules import State as DisputeState
from abonent.domains.support.drafts.models import Draft as Draft
from abonent.domains.support.drafts.models import DraftStep as DraftStep
from abonent.domains.support.equipment.models import Act as Act
from abonent.domains.support.models_providers import ProviderProposal as ProviderProposal
from abonent.domains.support.requests.contents import Kind as FileKind
from abonent.domains.support.requests.rules import Channel
from abonent.domains.support.requests.rules import Kind as RequestKind
from abonent.domains.support.requests.states import OPEN
from abonent.domains.support.requests.states import State as RequestState
from abonent.domains.support.rules import MONEY, Contact, Deed, Question
from abonent.domains.support.visits.models import Visit as Visit
from abonent.domains.support.visits.models import VisitBooking as VisitBooking
from abonent.domains.support.visits.models import VisitTerms as VisitTerms


class Agent(models.Model):
    """A member of staff. Signs in by `login`; never has lines."""

    account = models.OneToOneField("identity.Account", on_delete=models.PROTECT, related_name="+")
    login = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    position = models.CharField(max_length=100, blank=True)
    roles = ArrayField(models.CharField(max_length=20))
    active = models.BooleanField(default=True)
    # The first password is good until then and is to be changed; empty: it was.
    first_password_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    # Sessions begun before count for nothing: the password was changed since, or the person was blocked.
    sessions_from = models.DateTimeField()


class EntryGuard(models.Model):
    """Wrong passwords in a row of one login, of somebody's or nobody's: `login_hash` is a hash of what was typed."""

    login_hash = models.CharField(max_length=64, primary_key=True)
    failures_in_a_row = models.PositiveIntegerField()
    failed_at = models.DateTimeField(db_index=True)


class Case(models.Model):
    """One talk with one customer. What is done for the customer is done in it."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    contact = models.CharField(max_length=10, choices=[(contact, contact) for contact in Contact])
    party = models.ForeignKey("customers.Party", on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)
    # Who the customer is was shown then; "questions", or the kind of document.
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent"], condition=Q(closed_at=None), name="support_one_talk_at_a_time")
        ]
        indexes = [models.Index(fields=["party", "-opened_at"], name="support_cases_of")]


class Answer(models.Model):
    """Whether a question asked in a case was answered right (None: being compared); what was said is kept nowhere."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    question = models.CharField(max_length=20, choices=[(question, question) for question in Question])
    right = models.BooleanField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "question"], name="support_question_once")]


class PartyGuard(models.Model):
    """Answers about a party on a day, over all cases and agents: `taken` up before they are compared, found `wrong`."""

    party = models.ForeignKey("customers.Party", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    taken = models.PositiveSmallIntegerField()
    wrong = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "day"], name="support_party_guard_once")]


class Done(models.Model):
    """What was done in a case, once by `key`, which the form carries."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    deed = models.CharField(max_length=20, choices=[(deed, deed) for deed in Deed])
    at = models.DateTimeField()
    key = models.UUIDField(unique=True)
    # Words for colleagues: a masked number, a kind of document; never a secret.
    about = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="support_done_in")]


class Approval(models.Model):
    """A second person's word for one deed in one case, good for a quarter of an hour and once; of money for days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    deed = models.CharField(max_length=20, choices=[(deed, deed) for deed in Deed])
    asked_by = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    given_by = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(given_by=None) | ~Q(given_by=F("asked_by")), name="support_four_eyes_are_of_two"
            ),
            models.UniqueConstraint(
                fields=["case", "deed"],
                condition=Q(used_at=None, granted=None) & ~Q(deed__in=sorted(MONEY)),
                name="support_one_question_at_a_time",
            ),
        ]


class Dispute(models.Model):
    """A charge or payment that a customer does not agree with, written in the cabinet; its id is the number told."""

    party = models.ForeignKey("customers.Party", on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    charge_id = models.UUIDField(null=True)
    payment_id = models.UUIDField(null=True)
    # As it was when it was disputed: below zero charged, above paid in; what it is called, and when it was.
    amount_minor = models.BigIntegerField()
    category = models.CharField(max_length=20)
    booked_at = models.DateTimeField()
    reason = models.CharField(max_length=20, choices=[(reason, reason) for reason in Reason])
    comment = models.CharField(max_length=1000)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in DisputeState])
    # Who works on it, in which talk.
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=1000, blank=True)
    answered_by = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(charge_id__isnull=False, payment_id=None) | Q(charge_id=None, payment_id__isnull=False),
                name="support_dispute_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state=DisputeState.OPEN, closed_at=None)
                | (~Q(state=DisputeState.OPEN) & Q(closed_at__isnull=False)),
                name="support_dispute_closed_has_its_end",
            ),
            # Two tabs, two people who see the line: one dispute.
            models.UniqueConstraint(
                fields=["charge_id"], condition=Q(state=DisputeState.OPEN), name="support_charge_disputed_once"
            ),
            models.UniqueConstraint(
                fields=["payment_id"], condition=Q(state=DisputeState.OPEN), name="support_payment_disputed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=DisputeState.OPEN), name="support_disputes_open"),
            models.Index(fields=["line", "-opened_at"], name="support_disputes_of"),
        ]


class Proposal(models.Model):
    """Money that an agent wants moved for a customer. Its `approval` has the same id, and lives for days.

    What is agreed to is done in the same transaction; a refund by a worker, and `outcome` says how it ended.
    """

    approval = models.OneToOneField(Approval, primary_key=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in Kind])
    contract = models.ForeignKey("customers.Contract", on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=30)
    # For colleagues; the customer is told the reason.
    comment = models.CharField(max_length=500)
    charge_id = models.UUIDField(null=True)
    payment_id = models.UUIDField(null=True)
    # What the customer wrote, which is answered by this money.
    dispute = models.ForeignKey(Dispute, null=True, on_delete=models.PROTECT, related_name="+")
    declined_because = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=10, choices=[(outcome, outcome) for outcome in Outcome], blank=True)
    ended_at = models.DateTimeField(null=True)
    # Why a refund that was agreed to was not done, in a word of ours or of the bank.
    failed_because = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="support_proposal_positive")]
        indexes = [models.Index(fields=["contract"], name="support_proposals_of")]


class Request(models.Model):
    """What a customer wrote to us from the cabinet; it goes with the account. Its number is made of id and year."""

    # The form's own id: sent twice, it is one request.
    key = models.UUIDField(unique=True)
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    party = models.ForeignKey("customers.Party", on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("lines.Line", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in RequestKind])
    subject = models.CharField(max_length=100)
    channel = models.CharField(max_length=10, choices=[(channel, channel) for channel in Channel])
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=12, choices=[(state, state) for state in RequestState])
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # The first word of ours that the customer could read; the last answer; the end.
    first_said_at = models.DateTimeField(null=True)
    first_due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(OPEN), closed_at=None)
                | Q(state=RequestState.RESOLVED, closed_at=None, answered_at__isnull=False)
                | Q(state__in=[RequestState.CLOSED, RequestState.CANCELLED], closed_at__isnull=False),
                name="support_request_closed_has_its_end",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.IN_PROGRESS) | Q(agent__isnull=False),
                name="support_request_in_progress_is_somebodys",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=sorted(OPEN)), name="support_requests_open"),
            models.Index(fields=["account", "-opened_at"], name="support_requests_of"),
            models.Index(fields=["changed_at"], condition=Q(closed_at=None), name="support_requests_waiting"),
            models.Index(fields=["-opened_at"], name="support_requests_by_time"),
        ]


class RequestNote(models.Model):
    """One turn of the conversation: the customer's (no agent), ours, or a word among us: the customer never sees it."""

    key = models.UUIDField(unique=True)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    internal = models.BooleanField(default=False)
    text = models.CharField(max_length=4000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(internal=False) | Q(agent__isnull=False), name="support_internal_notes_are_ours"
            )
        ]
        indexes = [models.Index(fields=["request", "at"], name="support_notes_of_request")]


class RequestFile(models.Model):
    """A file that a customer sent with the form `key`; until the form is good it belongs to no note.

    `stored` is its random name in the storage, empty when the content was deleted; what lies there is sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.UUIDField()
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    note = models.ForeignKey(RequestNote, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in FileKind])
    size = models.PositiveIntegerField()
    # Of the content: a form that is sent twice brings no file twice.
    digest = models.CharField(max_length=64)
    stored = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "key"], name="support_files_of_form"),
            models.Index(fields=["at"], condition=~Q(stored=""), name="support_files_kept"),
        ]
