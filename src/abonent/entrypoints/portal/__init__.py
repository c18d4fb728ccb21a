"""The subscriber's site and app."""
