"""A CDS Hooks client for trying services: a bundle on disk -> the call that an EHR would send -> the answer."""
