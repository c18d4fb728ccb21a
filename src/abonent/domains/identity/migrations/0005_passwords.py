from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_codes")]

    operations = [
        migrations.AddField(
            model_name="challenge",
            name="next_password",
            field=models.CharField(blank=True, default="", max_length=128),
        ),
        migrations.AddField(
            model_name="challenge",
            name="next_problem",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="challenge",
            name="made_by",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.CreateModel(
            name="PasswordGuard",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("tries", models.PositiveSmallIntegerField()),
                ("since", models.DateTimeField()),
                ("seen_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
