"""A line gets another tariff."""
