"""Tests of `budsim_widgets.memory`."""
