"""E-mail: a way in by a confirmed address, and the address of an account set, changed and removed."""
