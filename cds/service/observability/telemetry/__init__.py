"""Traces and metrics by OpenTelemetry: environment variables -> spans and figures for a collector; off by default."""
