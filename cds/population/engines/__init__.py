"""What brings the rows of a patient together and has them answered: DuckDB here, Spark on many machines."""
