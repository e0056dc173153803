"""What a run says about everybody: a summary without small cells, and a page for people."""
