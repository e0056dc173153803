"""What `cds check` tries of the promises: exactly where no solver is needed, else on the patients of the cases."""
