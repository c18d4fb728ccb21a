"""What customers write to us, and what becomes of it."""
