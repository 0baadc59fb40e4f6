"""What one device holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """What one device holds, in bytes.

    Attributes:
        index: Its number, from 0; devices that share a layer stand together.
        weight_bytes: Weights.
        kv_cache_bytes: Keys and values.
        state_bytes: Recurrent and convolution states.
        activation_bytes: Intermediate results.
        overhead_bytes: The process itself.
    """

    index: int
    weight_bytes: int
    kv_cache_bytes: int
    state_bytes: int
    activation_bytes: int
    overhead_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weight_bytes + self.kv_cache_bytes + self.state_bytes + self.activation_bytes + self.overhead_bytes
