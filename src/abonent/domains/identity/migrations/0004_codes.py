import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_ways_in")]

    operations = [
        migrations.AddField(
            model_name="challenge",
            name="hidden",
            field=models.CharField(blank=True, default="", max_length=254),
        ),
        migrations.AddField(
            model_name="sendflow",
            name="entered",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="Captcha",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("device", models.CharField(blank=True, default="", max_length=40)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(fields=["mark"], name="identity_device_of_mark"),
        ),
    ]
