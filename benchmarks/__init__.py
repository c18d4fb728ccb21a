"""Speed, as ratios against a baseline measured in the same run: machines are noisy, ratios hold."""
