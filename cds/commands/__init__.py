"""The commands of ``cds``, one module each: words of the command line in, an exit status out; loaded when called."""
