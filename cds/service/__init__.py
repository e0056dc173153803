"""CDS Hooks over HTTP: requests -> the rooms below -> responses; with limits, configuration, records, figures."""
