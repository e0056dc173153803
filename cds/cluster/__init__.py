"""What the processes of one service have in common through the database of its records: tokens, rates and members."""
