"""What became of every line and every patient, and what a finished run says of itself."""
