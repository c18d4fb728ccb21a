"""Help, open to everybody: questions and their search, contacts, shops."""
