"""A hospital's own expected patients as tests of pytest: files ``*.cds.yaml``, and what differs in clinical words."""
