"""What topics bring as Python: formulas that are medicine. A topic whose formulas are all general brings none."""
