"""Sessions stand in `identity_session` since 0003; what was open before ended with that, and is not kept."""

from django.db import migrations

DROP = """
drop table if exists django_session;
delete from django_migrations where app = 'sessions';
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_federation")]
    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
