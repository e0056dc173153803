"""The configuration file -> one typed value, or every problem of it at once; what a service is made from."""
