"""The paste box."""
