"""Tables of identity; private to the domain."""

import uuid
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from abonent.domains.identity.factors.models import DeviceKey as DeviceKey
from abonent.domains.identity.factors.models import FactorGuard as FactorGuard
from abonent.domains.identity.factors.models import Passkey as Passkey
from abonent.domains.identity.factors.models import RecoveryCode as RecoveryCode
from abonent.domains.identity.factors.models import SpentChallenge as SpentChallenge
from abonent.domains.identity.factors.models import Totp as Totp
from abonent.domains.identity.models_federation import Link, UsedTicket  # noqa: F401 - Django looks for tables here
from abonent.domains.identity.rules import Channel, Purpose, Way


class Account(AbstractBaseUser):
    """A person who gets in. Exists from the first proof on, and hangs on no phone number."""

    # Who signed in when stands in `SignIn`.
    last_login = None
    created_at = models.DateTimeField(auto_now_add=True)
    language = models.CharField(max_length=5, default="ru")
    password_set_at = models.DateTimeField(null=True)
    password_offered_at = models.DateTimeField(null=True)
    password_declined_at = models.DateTimeField(null=True)
    # Only a confirmed address stands here, in lower case.
    email = models.EmailField(null=True, unique=True)
    email_confirmed_at = models.DateTimeField(null=True)
    # Kept up to date by what adds and removes factors, so that a sign-in reads one row.
    has_second_factor = models.BooleanField(default=False)
    has_passkey = models.BooleanField(default=False)
    # The person switched the cabinet off; said "it was not me"; asked to be forgotten from that moment on.
    off_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    erase_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "id"
    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()


class Challenge(models.Model):
    """A code asked for by one browser. The id is the browser's alone; the code is made from it and stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=10, choices=[(purpose, purpose) for purpose in Purpose])
    channel = models.CharField(max_length=10, choices=[(channel, channel) for channel in Channel], default=Channel.SMS)
    # Whose limits count: a number (E.164) or, for an e-mail that belongs to nobody, that address.
    number = models.CharField(max_length=254, help_text="E.164, or an e-mail address")
    # Where it was sent when that is not the number itself.
    address = models.CharField(max_length=254, default="", blank=True)
    # Whose limits count besides, though the page must not show it: the number of the account an address belongs to,
    # or a stand-in of the same cost when it belongs to nobody.
    hidden = models.CharField(max_length=254, default="", blank=True)
    # The mark of the browser that asked, so that a form sent twice leads to the one code that went out.
    device = models.CharField(max_length=40, default="", blank=True)
    # What the proof opens, as the domain that asked knows it; empty: nothing, so no code is ever right.
    subject = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    tries_left = models.SmallIntegerField()
    sends = models.PositiveSmallIntegerField(default=1)
    spent_at = models.DateTimeField(null=True)
    # Of a temporary password: what its use makes permanent (a hash), or why that will not be.
    next_password = models.CharField(max_length=128, default="", blank=True)
    next_problem = models.CharField(max_length=20, default="", blank=True)
    # The digest of what the code confirms (sum, fee, receiver), when it is good for that one thing only.
    bound = models.CharField(max_length=64, default="", blank=True)
    # Who had it made: "self", "agent:<id>", or nothing for what a person asked for on a page.
    made_by = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(tries_left__gte=0), name="identity_tries_never_below_zero")]


class NumberGuard(models.Model):
    """What limits codes of one number: when they were sent and guessed wrong in the last day, oldest first."""

    number = models.CharField(max_length=254, primary_key=True, help_text="E.164, or an e-mail address")
    sends = ArrayField(models.DateTimeField(), default=list)
    failures = ArrayField(models.DateTimeField(), default=list)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(db_index=True)


class PasswordGuard(models.Model):
    """How many wrong passwords in a row, and since when: of a login as typed, of an account, of a device of it."""

    key = models.CharField(max_length=100, primary_key=True)
    tries = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)


class SendFlow(models.Model):
    """How many codes went out in the window that began then, and how many of them were entered.

    Of one sender (an address prefix, a device), to one block of numbers, and of all together.
    """

    key = models.CharField(max_length=80, primary_key=True)
    window_start = models.DateTimeField(db_index=True)
    sends = models.PositiveIntegerField()
    # Codes entered right; kept for blocks of numbers.
    entered = models.PositiveIntegerField(default=0)


class Captcha(models.Model):
    """A question for a person, put to one browser. Its answer is made from the id and stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.CharField(max_length=40, default="", blank=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)


class Device(models.Model):
    """A browser or app that signed in to the account before; `mark` is a hash of the mark the browser holds."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    mark = models.CharField(max_length=64)
    # What it calls itself, shortened: words for the owner, never a proof.
    agent = models.CharField(max_length=200, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "mark"], name="identity_device_once")]
        indexes = [models.Index(fields=["mark"], name="identity_device_of_mark")]


class SignIn(models.Model):
    """One entry: who, when, which way, from where. Alive as long as a session of it is."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    way = models.CharField(max_length=10, choices=[(way, way) for way in Way])
    device = models.ForeignKey(Device, null=True, on_delete=models.SET_NULL, related_name="+")
    agent = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=43, blank=True, help_text="network prefix")
    in_app = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at"], name="identity_entries_of"),
            BrinIndex(fields=["at"], name="identity_entries_by_time"),
        ]


class Session(models.Model):
    """What the server keeps for a browser; written by `identity.sessions` alone."""

    key = models.CharField(max_length=40, primary_key=True)
    data = models.TextField()
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    sign_in = models.ForeignKey(SignIn, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField(db_index=True)


class SecurityEvent(models.Model):
    """What changed how safe an account is: shown to its owner, who may say "it was not me"."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    # One of `rules.EventKind`, as `journal.note` checks: another kind needs no migration.
    kind = models.CharField(max_length=20)
    # "self", "network", or an agent as "agent:<id>".
    by = models.CharField(max_length=40, default="self")
    # What the page says about it besides: names, masked numbers; no secret.
    detail = models.JSONField(default=dict)
    disputed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="identity_events_of")]
