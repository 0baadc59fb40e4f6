"""What of the widgets is HTML: where it shows, and its styles."""
