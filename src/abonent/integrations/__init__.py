"""Other companies' protocols, one package each; a setting names the one that is used, nobody imports it."""
