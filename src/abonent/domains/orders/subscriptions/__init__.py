"""Subscriptions of content providers."""
