"""Passwords: entry, the forgotten one, a new one, the offer of one."""
