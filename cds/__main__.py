"""``python -m cds``."""

from cds.cli import main

main()
