"""What a test committed goes when it ends: only from the tables that hold something, not from all there are.

Django truncates every table and tells every app that it was migrated, which takes longer than most tests.
"""

from __future__ import annotations

from typing import Final

import psycopg
from django.db import connection, transaction
from django.db.backends.base.introspection import BaseDatabaseIntrospection
from django.test import TransactionTestCase

# Written when the database is made, by what is installed; nothing else writes there.
KEPT: Final = ("django_content_type", "auth_permission")
# What a table of partitions holds, they do.
WRITTEN: Final = """
select relname from pg_class
 where relname = any(%s)
   and exists (select from pg_partition_tree(oid) part where pg_relation_size(part.relid) > 0
                union all select where relkind = 'r' and pg_relation_size(oid) > 0)
"""


def empty(_test: TransactionTestCase) -> None:
    """Empty the tables of all models; wait, as a truncation does, for whoever still writes."""
    introspection: BaseDatabaseIntrospection = connection.introspection
    ours = set(introspection.django_table_names(only_existing=True, include_views=False)).difference(KEPT)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRITTEN, [list(ours)])
        if not (tables := [f'"{name}"' for (name,) in cursor.fetchall()]):
            return
        cursor.execute(f"lock table {', '.join(tables)} in access exclusive mode")
        # All go together: no reference is looked after, and no table says that it is never deleted from.
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("; ".join(f"delete from {table}" for table in tables))


def see_out() -> None:
    """End the sessions that threads and killed processes left in the database of the tests."""
    own = connection.settings_dict
    if not str(own["NAME"]).startswith("test_"):
        return
    ours = connection.connection.info.backend_pid if connection.connection else 0
    with psycopg.connect(host=own["HOST"], user=own["USER"], dbname="postgres", autocommit=True) as server:
        server.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s and pid <> %s",
            [own["NAME"], ours],
        )


def teach() -> None:
    """Have Django's tests end so."""
    TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]
