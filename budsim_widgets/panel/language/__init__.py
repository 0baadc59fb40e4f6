"""The panel in the language of the browser that it is shown in."""
