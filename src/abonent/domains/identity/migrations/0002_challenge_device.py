from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="challenge",
            name="device",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
    ]
