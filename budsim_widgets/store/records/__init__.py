"""The records of the file: checks, versions, packing, plain JSON."""
