"""What is sold and said, written by one and published by another."""
