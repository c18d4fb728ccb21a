"""Other ways in and back: contract, e-mail, no access to the number."""
