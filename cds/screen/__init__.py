"""What people read in a terminal: results, why-trees, changes and problems as data in, printed lines out."""
