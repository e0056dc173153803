"""Questions about the answers of a run as a whole, for whoever reports on it."""
