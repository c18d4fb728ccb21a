"""What is told to the tone platform is counted for all lines together: a number may come to an older line."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0001_initial")]

    operations = [
        migrations.AlterField("tonewish", "said", models.BigIntegerField(default=0)),
        migrations.AlterField("tonewish", "told", models.BigIntegerField(default=0)),
        # Above all that was told before, which was counted for each line.
        migrations.RunSQL("create sequence voice_revisions start 1000000000000000", "drop sequence voice_revisions"),
        migrations.RunSQL(
            "update voice_tonewish set said = nextval('voice_revisions') where told < said", migrations.RunSQL.noop
        ),
    ]
