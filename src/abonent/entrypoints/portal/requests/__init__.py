"""What a customer writes to us: the form with its files, the list, the conversation."""
