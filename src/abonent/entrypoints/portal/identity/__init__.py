"""Getting in by phone: the number, the code, a fresh proof, leaving, which line the pages speak of."""
