import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_channels")]
    operations = [
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="messaging_by_time"),
        ),
    ]
