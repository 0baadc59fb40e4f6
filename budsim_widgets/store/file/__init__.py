"""One TinyDB file: location, locking, atomic writes, layout, damage."""
