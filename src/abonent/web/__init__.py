"""How pages look: templates and macros, static files, brand, translations."""
