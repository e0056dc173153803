"""What we say: CDS Hooks 2.0 cards, each with its proof."""
