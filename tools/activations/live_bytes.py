"""Counts the bytes that tensors hold while a model runs, from when an operation makes them until they are freed."""

from __future__ import annotations

import weakref
from collections import Counter
from typing import Any

import torch
from remembered import Remembered
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_ANSWERS = {torch.ops.aten.all: True, torch.ops.aten.any: False}
"""What models ask of tensors that have no values here: no token is padding, none stands for a picture."""


class LiveBytes(TorchDispatchMode):
    """The bytes of all storages that operations made and that aren't freed yet, and their peak.

    A storage is told apart by its identity: on the meta device it has no address.

    Attributes:
        live: Bytes that are held now.
        peak: The most that was held at once.
        held_at_peak: (operation, shape, dtype, bytes) of what was held then, with how often; where `explains`.
    """

    def __init__(self, model: Any, *, explains: bool = False) -> None:
        super().__init__()
        self.live = self.peak = 0
        self.held_at_peak: Counter[tuple[str, tuple[int, ...], str, int]] = Counter()
        self._explains = explains
        self._operations = Remembered()
        self._held: dict[int, tuple[str, tuple[int, ...], str, int]] = {}
        self._weights = [tensor.untyped_storage() for tensor in (*model.parameters(), *model.buffers())]
        self._known = {storage._cdata: weakref.ref(storage) for storage in self._weights}  # noqa: SLF001 - see above

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        answer = _ANSWERS.get(func.overloadpacket)
        if answer is not None:
            return torch.tensor(answer)
        result = self._operations.run(func, args, kwargs or {})
        for leaf in (result,) if isinstance(result, torch.Tensor) else tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._count(leaf, str(func))
        return result

    def _count(self, tensor: torch.Tensor, operation: str) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata  # noqa: SLF001 - as above
        known = self._known.get(key)
        if known is not None and known() is storage:
            return
        size = storage.nbytes()
        self.live += size
        self._held[key] = (operation, tuple(tensor.shape), str(tensor.dtype), size)
        if self.live > self.peak:
            self.peak = self.live
            if self._explains:
                self.held_at_peak = Counter(self._held.values())
        self._known[key] = weakref.ref(storage)
        weakref.finalize(storage, self._free, key, size)

    def start_again(self) -> None:
        """Forgets the peak that there was; what is held now is held still."""
        self.peak = self.live

    def _free(self, key: int, size: int) -> None:
        self.live -= size
        self._held.pop(key, None)


def fused_attention(  # noqa: PLR0913, PLR0917 - as torch has it
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,  # noqa: FBT001, FBT002 - torch's own signature
    **more: Any,
) -> torch.Tensor:
    """What CUDA's fused kernels allocate, in place of the meta device's, which makes a matrix of scores.

    Flash attention runs where there is no mask and keys are as wide as values: its result has the strides of the
    queries. Otherwise the memory-efficient kernel does: its result has the tokens before the heads, and a boolean mask
    is made one of numbers. Both keep the logarithm of each row's sum.
    """
    del key, dropout_p, is_causal, more
    if attn_mask is None and query.shape[-1] == value.shape[-1]:
        result = torch.empty_like(query)
    else:
        batch, heads, length, _ = query.shape
        result = query.new_empty((batch, length, heads, value.shape[-1])).transpose(1, 2)
    additive = attn_mask.to(query.dtype) if attn_mask is not None and attn_mask.dtype == torch.bool else None
    log_sums = query.new_empty(query.shape[:-1], dtype=torch.float32)
    del additive, log_sums
    return result


CACHES = ("cache", "past_key_values", "cache_params", "state", "past_buckets_states", "rnn_state", "mems")
"""What outputs call what is kept between tokens: transformers 5.24 says `cache` nearly everywhere."""


def cache_of(output: Any) -> tuple[str, Any] | None:
    """(its name, the cache) of an output; None where there is none."""
    return next(((name, output.get(name)) for name in CACHES if output.get(name) is not None), None)


def cache_bytes(output: Any) -> int:
    """Bytes of the storages that the cache of an output holds."""
    found = cache_of(output)
    held: dict[int, int] = {}
    for tensor in _tensors_of(found[1] if found else None, set()):
        storage = tensor.untyped_storage()
        held[storage._cdata] = storage.nbytes()  # noqa: SLF001 - as above
    return sum(held.values())


def _tensors_of(value: Any, seen: set[int]) -> list[torch.Tensor]:
    """All tensors below an object."""
    if isinstance(value, torch.Tensor):
        return [value]
    if id(value) in seen or isinstance(value, (str, bytes, type, torch.nn.Module)):
        return []
    seen.add(id(value))
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, (list, tuple, set)):
        inner = list(value)
    elif type(value).__module__.startswith("transformers") and hasattr(value, "__dict__"):
        if type(value).__name__.endswith("Config"):
            return []
        inner = list(vars(value).values())
    else:
        return []
    return [tensor for one in inner for tensor in _tensors_of(one, seen)]
