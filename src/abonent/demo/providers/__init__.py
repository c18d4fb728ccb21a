"""Content providers of «Орбита»: fictional ones, one of them naughty; what they ask for and hear, on screen."""
