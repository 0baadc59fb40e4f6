"""A workload as its engine sees it: an engine never asks which engine runs the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from typing_extensions import Self

    from budsim_widgets.hardware import Accelerator


class EngineWorkload(Protocol):
    """What a model is to be run with, but for the engine; `Workload` says what each of these means."""

    @property
    def batch_size(self) -> int:
        """Sequences at once."""

    @property
    def seq_length(self) -> int:
        """Tokens of each, prompt and answer together."""

    @property
    def precision(self) -> str:
        """Format of the weights, as the engine names it."""

    @property
    def kv_cache_precision(self) -> str:
        """Format of keys and values, as the engine names it."""

    @property
    def tensor_parallel(self) -> int:
        """Devices that share each layer."""

    @property
    def pipeline_parallel(self) -> int:
        """Pipeline stages that the layers are divided over."""

    @property
    def num_devices(self) -> int:
        """Devices that the model is spread over."""

    @property
    def accelerator(self) -> Accelerator | None:
        """What it runs on; None: not known."""

    def changed(self, **fields: Any) -> Self:
        """The same with some other parameters, checked as when it is made."""
