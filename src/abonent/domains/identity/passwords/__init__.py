"""Passwords of accounts: what they must be like, how they are set, and how one that was typed is checked."""
