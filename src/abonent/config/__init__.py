"""Wiring only: settings from the environment, addresses, and which domain answers which event."""
