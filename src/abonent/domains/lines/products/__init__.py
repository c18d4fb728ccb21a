"""What lines have beside their tariff."""
