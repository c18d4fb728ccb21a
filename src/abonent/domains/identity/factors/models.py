"""Tables of second factors and of the app's PIN; private to the domain."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from abonent.domains.identity.factors.rules import PASSKEY_NAME_LENGTH_MAX


class Totp(models.Model):
    """An authenticator app; counts from the first code that proved right."""

    account = models.OneToOneField("identity.Account", on_delete=models.CASCADE, related_name="+", primary_key=True)
    secret = models.TextField(help_text="sealed by the vault")
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    # The 30 seconds whose code was taken last: neither they nor earlier ones are taken again.
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """One of ten codes on paper, good once; only salt and Argon2id hash are kept (`hashing.of_code`)."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "hash"], name="identity_recovery_code_once")]


class Passkey(models.Model):
    """A key pair in somebody's device or key chain; this is the public half."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    # Base64url, as browsers write both.
    credential_id = models.CharField(max_length=1400, unique=True)
    user_handle = models.CharField(max_length=90)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    name = models.CharField(max_length=PASSKEY_NAME_LENGTH_MAX)
    transports = ArrayField(models.CharField(max_length=20), default=list)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)


class SpentChallenge(models.Model):
    """A passkey's challenge that was answered right: nobody answers it again."""

    hash = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)


class FactorGuard(models.Model):
    """Wrong tries of one kind of factor, from one known device or from all unknown ones, oldest first."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=80)
    failures = ArrayField(models.DateTimeField(), default=list)
    failures_in_a_row = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "scope"], name="identity_factor_guard_once")]


class DeviceKey(models.Model):
    """The key that a PIN opens on one device: the device answers with it, the PIN itself never leaves the device."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    key = models.TextField(help_text="sealed by the vault")
    # What the device is to answer now, once; empty: nothing was asked.
    challenge = models.CharField(max_length=64, default="", blank=True)
    tries_left = models.SmallIntegerField()
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(tries_left__gte=0), name="identity_pin_never_below_zero")]
