"""How the world reaches us. Thin: understand a request, make one domain call, show the answer."""
