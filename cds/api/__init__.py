"""The public functions: what is given is looked at once, at this door, and a wrong thing is refused with a sentence."""
