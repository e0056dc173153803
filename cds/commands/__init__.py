"""The commands of ``cds``, one module each; a module is loaded when its command is called."""
