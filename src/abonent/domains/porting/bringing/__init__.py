"""A number is brought to us from another operator."""
