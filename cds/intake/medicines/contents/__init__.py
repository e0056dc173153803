"""What one dose form of a product holds: by its code, its ingredients, or the text of its label."""
