"""Accounts of people and the proofs that open them: codes, tries, limits, fresh proofs."""
