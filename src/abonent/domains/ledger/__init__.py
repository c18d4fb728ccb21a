"""Accounts, transfers, balances: double entry, every posting once. Knows no telecom words."""
