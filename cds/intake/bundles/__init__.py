"""What was sent: bundles, their entries and versions, as the resources of one patient."""
