"""What this program is called: the one place of its name, which is no name of a topic."""

PROGRAM = "calcium-cds"
"""The name of the package, of its folders for what is kept, and of the program among others (FHIR, HTTP, metrics)."""
