"""Fiscal receipts (Federal Law 54-FZ)."""
