"""From one release to the next."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.mark.django_db(transaction=True)
def test_no_session_of_an_earlier_release_is_kept() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate([("identity", "0007_federation")])
    with connection.cursor() as cursor:
        cursor.execute("create table django_session (session_key text primary key, session_data text)")
        cursor.execute("insert into django_session values ('left', 'open')")
        # What comes after is there again for the tests that follow.
        MigrationExecutor(connection).migrate(newest)
        cursor.execute("select to_regclass('django_session')")
        assert cursor.fetchone() == (None,)
