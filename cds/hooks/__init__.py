"""The body of a call -> a Call, its cards and feedback, by CDS Hooks 2.0: pure functions, no HTTP library."""
