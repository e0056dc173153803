"""What operators see: readiness, journal, metrics, traces."""
