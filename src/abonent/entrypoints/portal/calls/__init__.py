"""Where calls of a number go, its SIM, and the internet settings of its phone."""
