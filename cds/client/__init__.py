"""A CDS Hooks client for trying services: it sends what an EHR would send, from a bundle on disk."""
