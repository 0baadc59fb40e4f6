"""Model ids as people type or paste them."""
