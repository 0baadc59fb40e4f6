"""Each kind of report as HTML: the verdict first, then the picture, the table, and what to know about the numbers."""
