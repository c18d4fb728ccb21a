"""Tables of identity; private to the domain."""

import uuid
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from abonent.domains.identity.rules import Purpose


class Account(AbstractBaseUser):
    """A person who gets in. Exists from the first proof on, and hangs on no phone number."""

    created_at = models.DateTimeField(auto_now_add=True)
    language = models.CharField(max_length=5, default="ru")

    USERNAME_FIELD = "id"
    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()


class Challenge(models.Model):
    """A code asked for by one browser. The id is the browser's alone; the code is made from it and stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=10, choices=[(purpose, purpose) for purpose in Purpose])
    number = models.CharField(max_length=16, help_text="E.164")
    # The mark of the browser that asked, so that a form sent twice leads to the one code that went out.
    device = models.CharField(max_length=40, default="", blank=True)
    # What the proof opens, as the domain that asked knows it; empty: nothing, so no code is ever right.
    subject = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    tries_left = models.SmallIntegerField()
    sends = models.PositiveSmallIntegerField(default=1)
    spent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(tries_left__gte=0), name="identity_tries_never_below_zero")]


class NumberGuard(models.Model):
    """What limits codes of one number: when they were sent and guessed wrong in the last day, oldest first."""

    number = models.CharField(max_length=16, primary_key=True, help_text="E.164")
    sends = ArrayField(models.DateTimeField(), default=list)
    failures = ArrayField(models.DateTimeField(), default=list)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(db_index=True)


class SendFlow(models.Model):
    """How many codes one sender (an address prefix, a device, everybody) asked for in the window that began then."""

    key = models.CharField(max_length=80, primary_key=True)
    window_start = models.DateTimeField(db_index=True)
    sends = models.PositiveIntegerField()
