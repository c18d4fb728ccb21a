"""Second factors, passkeys and the PIN of the app."""
