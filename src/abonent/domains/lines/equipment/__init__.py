"""What a line is used with, and where it ends."""
