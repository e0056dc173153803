"""How much callers may use: connections, bytes, memory, calls at once and a second."""
