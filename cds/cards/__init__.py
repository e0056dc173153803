"""What we say: an Evaluation -> CDS Hooks 2.0 cards, each with its basis; words and Markdown that are safe to show."""
