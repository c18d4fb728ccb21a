"""Transfers get phases, accounts what is posted and pending on each side; a balance is worked out from them."""

from django.db import migrations, models
from django.db.models import F, Q

# Sums that stood in one column are told apart by side, from the transfers.
SIDES = """
update ledger_account account
   set debits_posted_minor = coalesce(debited.total, 0), credits_posted_minor = coalesce(credited.total, 0),
       debits_pending_minor = 0, credits_pending_minor = 0
  from ledger_account same
  left join (select debit_account_id as id, sum(amount_minor)::bigint as total
               from ledger_transfer group by 1) debited on debited.id = same.id
  left join (select credit_account_id as id, sum(amount_minor)::bigint as total
               from ledger_transfer group by 1) credited on credited.id = same.id
 where same.id = account.id and account.balance_minor is not null
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_posting")]

    operations = [
        migrations.AddField("ledgeraccount", "entity", models.CharField(db_default="main", max_length=20)),
        *(
            migrations.AddField("ledgeraccount", f"{side}s_{state}_minor", models.BigIntegerField(null=True))
            for state in ("posted", "pending")
            for side in ("debit", "credit")
        ),
        migrations.RunSQL(SIDES, migrations.RunSQL.noop),
        migrations.RemoveConstraint("ledgeraccount", "ledger_not_below_floor"),
        migrations.RemoveField("ledgeraccount", "balance_minor"),
        migrations.AddField(
            "ledgeraccount",
            "balance_minor",
            models.GeneratedField(
                expression=F("credits_posted_minor") - F("debits_posted_minor"),
                output_field=models.BigIntegerField(null=True),
                db_persist=True,
            ),
        ),
        migrations.AddConstraint(
            "ledgeraccount",
            models.CheckConstraint(
                condition=Q(floor_minor=None)
                | Q(credits_posted_minor__gte=F("debits_posted_minor") + F("debits_pending_minor") + F("floor_minor")),
                name="ledger_not_below_floor",
            ),
        ),
        migrations.AddConstraint(
            "ledgeraccount",
            models.CheckConstraint(
                condition=Q(debits_pending_minor__gte=0, credits_pending_minor__gte=0),
                name="ledger_pending_not_negative",
            ),
        ),
        migrations.RemoveConstraint("ledgeraccount", "ledger_account_named_once"),
        migrations.AddConstraint(
            "ledgeraccount",
            models.UniqueConstraint(fields=["entity", "book", "code", "currency"], name="ledger_account_named_once"),
        ),
        migrations.AddField(
            "transfer",
            "phase",
            models.CharField(
                choices=[
                    ("single", "Single"),
                    ("pending", "Pending"),
                    ("post", "Post"),
                    ("void", "Void"),
                    ("expire", "Expire"),
                    ("reversal", "Reversal"),
                ],
                db_default="single",
                max_length=8,
            ),
        ),
        migrations.AddField("transfer", "of_id", models.UUIDField(null=True)),
        migrations.AddField("transfer", "expires_at", models.DateTimeField(null=True)),
        # What a balance at a past moment is added up from.
        migrations.AddIndex("transfer", models.Index(fields=["debit_account_id", "booked_at"], name="ledger_debits")),
        migrations.AddIndex("transfer", models.Index(fields=["credit_account_id", "booked_at"], name="ledger_credits")),
        migrations.AddIndex(
            "transfer", models.Index(fields=["of_id"], name="ledger_reversals", condition=Q(phase="reversal"))
        ),
        migrations.AddConstraint(
            "transfer",
            models.CheckConstraint(
                condition=Q(phase__in=["single", "pending"], of_id=None)
                | Q(phase__in=["post", "void", "expire", "reversal"], of_id__isnull=False),
                name="ledger_phase_names_another",
            ),
        ),
        migrations.AddConstraint(
            "transfer",
            models.CheckConstraint(condition=Q(expires_at=None) | Q(phase="pending"), name="ledger_pending_expires"),
        ),
        migrations.AddConstraint(
            "transfer",
            models.UniqueConstraint(
                fields=["of_id"], condition=Q(phase__in=["post", "void", "expire"]), name="ledger_resolved_once"
            ),
        ),
        migrations.CreateModel(
            name="OpenPending",
            fields=[
                ("transfer_id", models.UUIDField(primary_key=True, serialize=False)),
                ("debit_account_id", models.BigIntegerField()),
                ("credit_account_id", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_pending",
                "indexes": [
                    models.Index(
                        condition=Q(expires_at__isnull=False), fields=["expires_at"], name="ledger_pending_due"
                    )
                ],
            },
        ),
    ]
