from django.db import migrations, models

# Django cannot describe a partitioned table, so SQL makes it and Django's state is told the same.
TABLE = """
create table usage_record (
    line_id bigint not null,
    started_at timestamptz not null,
    bytes bigint not null,
    duration_s integer not null,
    units integer not null,
    source_id smallint not null,
    kind smallint not null,
    direction smallint not null,
    record_id varchar(100) collate "C" not null,
    peer varchar(40) not null,
    zone varchar(20) not null,
    constraint usage_record_pkey primary key (record_id, source_id, started_at)
) partition by range (started_at);
create index usage_record_line_in_time on usage_record (line_id, started_at);
"""

# A month's partition is made beside the table and attached: readers of other months never wait for it.
# Whoever calls it holds the import's advisory lock, so that two calls for one month do not meet.
MAKE_MONTH = """
create function usage_make_month(moment timestamptz) returns void language plpgsql as $$
declare
    first timestamptz := date_trunc('month', moment, 'UTC');
    after timestamptz := date_trunc('month', moment, 'UTC') + interval '32 days';
    name text := to_char(first at time zone 'UTC', '"usage_record_"YYYY"_"MM');
begin
    after := date_trunc('month', after, 'UTC');
    if to_regclass(quote_ident(name)) is not null then
        return;
    end if;
    execute format('create table %I (like usage_record including defaults)', name);
    execute format('alter table usage_record attach partition %I for values from (%L) to (%L)', name, first, after);
end
$$;
"""

# Which of these ids are stored, whatever their time. Its settings: ids in order are found by walking each month's index
# (the planner would rather read whole months), and a plan of its own for each array would look at every id first.
KNOWN_IDS = """
create function usage_known_ids(source smallint, ids varchar[]) returns setof varchar language plpgsql stable
set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
begin
    return query select record_id from usage_record where source_id = source and record_id = any(ids);
end
$$;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.SmallAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=40, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Parked",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "record_id", "source_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.CharField(db_index=True, max_length=40)),
                ("started_at", models.DateTimeField()),
                ("bytes", models.BigIntegerField()),
                ("duration_s", models.IntegerField()),
                ("units", models.IntegerField()),
                ("source_id", models.SmallIntegerField()),
                ("kind", models.SmallIntegerField()),
                ("direction", models.SmallIntegerField()),
                ("record_id", models.CharField(db_collation="C", max_length=100)),
                ("peer", models.CharField(max_length=40)),
                ("zone", models.CharField(max_length=20)),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE, "drop table usage_record"),
                migrations.RunSQL(MAKE_MONTH, "drop function usage_make_month(timestamptz)"),
                migrations.RunSQL(KNOWN_IDS, "drop function usage_known_ids(smallint, varchar[])"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Record",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "record_id",
                                "source_id",
                                "started_at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("line_id", models.BigIntegerField()),
                        ("started_at", models.DateTimeField()),
                        ("bytes", models.BigIntegerField()),
                        ("duration_s", models.IntegerField()),
                        ("units", models.IntegerField()),
                        ("source_id", models.SmallIntegerField()),
                        ("kind", models.SmallIntegerField()),
                        ("direction", models.SmallIntegerField()),
                        ("record_id", models.CharField(db_collation="C", max_length=100)),
                        ("peer", models.CharField(max_length=40)),
                        ("zone", models.CharField(max_length=20)),
                    ],
                    options={
                        "db_table": "usage_record",
                        "indexes": [models.Index(fields=["line_id", "started_at"], name="usage_record_line_in_time")],
                    },
                ),
            ],
        ),
    ]
