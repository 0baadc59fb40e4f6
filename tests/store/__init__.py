"""Tests of `budsim_widgets.store`, and processes of their own for them."""
