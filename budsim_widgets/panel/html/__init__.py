"""The panel's HTML: escaped markup, tables, charts, styles."""
