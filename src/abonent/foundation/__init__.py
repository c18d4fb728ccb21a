"""Words and tools without business: values, clock, jobs, the embedded database."""
