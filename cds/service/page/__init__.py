"""The page at ``/`` for a person: what it shows as data, and its three static files."""
