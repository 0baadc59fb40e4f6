"""Patterns of module names: their language (`pattern`), how they are read (`parser`), and what they become."""
