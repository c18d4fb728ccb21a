"""Ring-back tones."""
