"""What ``cds doctor`` looks at: the installation, the engine, the rules. No patient data, no secret of the machine."""
