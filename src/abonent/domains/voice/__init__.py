"""What callers hear before an answer, and what they leave when there is none: ring-back tones and voicemail."""
