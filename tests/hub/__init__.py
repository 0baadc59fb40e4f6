"""A loopback Hub that answers as the real one does, and the tests of `budsim_widgets.hub`."""
