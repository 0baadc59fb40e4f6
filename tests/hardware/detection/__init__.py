"""Tests of `budsim_widgets.hardware.detection`."""
