from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0009_fixed"),
    ]

    operations = [
        migrations.AlterField(model_name="draft", name="kind", field=models.CharField(max_length=10)),
    ]
