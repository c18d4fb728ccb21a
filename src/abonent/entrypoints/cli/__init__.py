"""The `abonent` command: for engineers who install, feed and run the platform."""
