from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0017_sims"),
    ]

    operations = [
        migrations.AlterField(model_name="securityevent", name="kind", field=models.CharField(max_length=20)),
    ]
