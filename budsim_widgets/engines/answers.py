"""What an engine answers: bytes that are estimated or cached, what is served, and where everything lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from budsim_widgets.formats.base import Basis


class Estimate(NamedTuple):
    """Bytes that aren't proven, with their range.

    Attributes:
        num_bytes: The estimate.
        least_bytes: The low end of what was measured.
        most_bytes: The high end.
        notes: What a person should know about it.
    """

    num_bytes: int
    least_bytes: int
    most_bytes: int
    notes: tuple[str, ...] = ()


class Served(NamedTuple):
    """What an engine serves from the memory that is left for its cache.

    Attributes:
        cache_tokens: Tokens that the cache holds in all.
        max_concurrency: Requests of `seq_length` tokens at once; None: as many as the largest batch has.
    """

    cache_tokens: int
    max_concurrency: float | None


class CacheBytes(NamedTuple):
    """What the cache of a whole model takes.

    Attributes:
        kv_cache_bytes: Keys and values.
        state_bytes: Recurrent and convolution states.
        dtype: Format of keys and values.
        basis: Whether the engine holds exactly this.
        notes: What a person should know about the number.
    """

    kv_cache_bytes: int
    state_bytes: int
    dtype: str
    basis: Basis
    notes: tuple[str, ...] = ()


class DeviceShare(NamedTuple):
    """What one device holds of weights and cache, in bytes."""

    weight_bytes: int
    kv_cache_bytes: int
    state_bytes: int


class Projector(NamedTuple):
    """Vision and audio that an engine loads from a file of their own; part of the weights of the first device.

    Attributes:
        num_bytes: Bytes of its tensors.
        file_type: Their type.
        basis: Whether the file is known to hold exactly this.
    """

    num_bytes: int
    file_type: str
    basis: Basis


class Spread(NamedTuple):
    """Where weights and cache lie.

    Attributes:
        devices: What each device holds; the ranks of a pipeline stage stand together.
        host_bytes: What stays in the computer's own memory.
        basis: Whether every device is known to hold exactly this.
        notes: What a person should know about it.
        projector: Vision and audio from a file of their own; None where there is none.
    """

    devices: tuple[DeviceShare, ...]
    host_bytes: int = 0
    basis: Basis = "exact"
    notes: tuple[str, ...] = ()
    projector: Projector | None = None
