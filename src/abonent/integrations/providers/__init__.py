"""Content providers by HTTP: docs/content-providers.md."""
