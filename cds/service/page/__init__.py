"""The page at ``/`` for a person: a bundle -> all that is shown about it as data; and its three static files."""
