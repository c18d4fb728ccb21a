"""What a number was told, and how it wants to be told."""
