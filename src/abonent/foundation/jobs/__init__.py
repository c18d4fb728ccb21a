"""Work done later by a worker: Procrastinate on the same PostgreSQL, enqueued in the same transaction."""
