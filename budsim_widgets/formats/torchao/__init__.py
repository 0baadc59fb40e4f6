"""torchao's formats: what its tensors hold, and its configs."""
