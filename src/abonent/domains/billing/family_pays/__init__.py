"""One pays for another's number."""
