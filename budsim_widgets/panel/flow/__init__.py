"""From a click to a result: the pending action, its thread, the config that it lacks, and going on."""
