import uuid
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def of_account() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_passwords")]

    operations = [
        migrations.CreateModel(
            name="SpentChallenge",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Totp",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("secret", models.TextField(help_text="sealed by the vault")),
                ("made_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("credential_id", models.CharField(max_length=1400, unique=True)),
                ("user_handle", models.CharField(max_length=90)),
                ("public_key", models.BinaryField()),
                ("sign_count", models.BigIntegerField()),
                ("name", models.CharField(max_length=60)),
                (
                    "transports",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("account", of_account()),
            ],
        ),
        migrations.CreateModel(
            name="DeviceKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.TextField(help_text="sealed by the vault")),
                ("challenge", models.CharField(blank=True, default="", max_length=64)),
                ("tries_left", models.SmallIntegerField()),
                ("made_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField()),
                ("account", of_account()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("tries_left__gte", 0)), name="identity_pin_never_below_zero"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="FactorGuard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=80)),
                (
                    "failures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(), default=list, size=None
                    ),
                ),
                ("failures_in_a_row", models.PositiveIntegerField(default=0)),
                ("account", of_account()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "scope"), name="identity_factor_guard_once")]
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("account", of_account()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "hash"), name="identity_recovery_code_once")]
            },
        ),
    ]
