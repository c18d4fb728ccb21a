import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("identity", "0008_earlier_sessions")]
    operations = [
        migrations.AddIndex(
            model_name="signin",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="identity_entries_by_time"),
        ),
    ]
