"""The trail: it grows and never changes.

The triggers are `enable always`, so that a session that plays a replica is refused, too. `audit_next` is a function of
several statements: each sees what was committed before it, so the one after the lock sees the true end.
"""

from django.db import migrations, models

TABLE = """
create table audit_entry (
    number bigint primary key check (number > 0),
    at timestamptz not null,
    actor_kind text not null,
    actor_id text not null,
    actor_name text not null,
    action text not null,
    subject text not null,
    on_behalf_of text not null,
    origin text not null,
    details jsonb not null,
    previous bytea not null unique check (length(previous) = 32),
    seal bytea not null check (length(seal) = 32)
);
create index audit_entry_subject on audit_entry (subject, number desc);
create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'AU001', message = 'the audit trail only grows: ' || tg_op || ' is refused';
end $$;
create trigger audit_no_change before update or delete on audit_entry
    for each row execute function audit_refuse();
create trigger audit_no_truncate before truncate on audit_entry
    for each statement execute function audit_refuse();
alter table audit_entry enable always trigger audit_no_change;
alter table audit_entry enable always trigger audit_no_truncate;
create function audit_next(out number bigint, out seal bytea) language plpgsql volatile as $$
begin
    perform pg_advisory_xact_lock(hashtext('audit_entry'));
    select entry.number + 1, entry.seal into number, seal
      from audit_entry entry order by entry.number desc limit 1;
    if not found then
        number := 1;
        seal := decode(repeat('00', 32), 'hex');
    end if;
end $$;
"""
DROP = "drop table audit_entry; drop function audit_next; drop function audit_refuse"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(TABLE, DROP),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.TextField()),
                ("actor_id", models.TextField()),
                ("actor_name", models.TextField()),
                ("action", models.TextField()),
                ("subject", models.TextField()),
                ("on_behalf_of", models.TextField()),
                ("origin", models.TextField()),
                ("details", models.JSONField()),
                ("previous", models.BinaryField()),
                ("seal", models.BinaryField()),
            ],
            options={"db_table": "audit_entry", "managed": False},
        ),
    ]
