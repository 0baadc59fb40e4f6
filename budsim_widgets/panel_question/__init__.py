"""The question that stands in a panel: as a link, as Python, as a notebook."""
