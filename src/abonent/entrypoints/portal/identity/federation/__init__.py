"""Logins at other services, and recognition by the operator's network."""
