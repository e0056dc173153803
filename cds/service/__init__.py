"""CDS Hooks over HTTP: the application, its routes, limits and configuration."""
