"""What vLLM's process takes beside weights, activations and blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.data import load_table
from budsim_widgets.engines.answers import Estimate
from budsim_widgets.engines.vllm.versions import FIRST_WITH_GRAPHS_COUNTED, FIRST_WITH_LESS_COUNTED, version_of

if TYPE_CHECKING:
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.engines.vllm.settings import VLLMSettings
    from budsim_widgets.hardware import Accelerator

_MOST_ON_PCIE: Final = 2
_NVLINK_BYTES_PER_SECOND: Final = 1e11


def overhead_of(settings: VLLMSettings, workload: EngineWorkload) -> Estimate:
    """Libraries, buffers to talk to other devices, and since 0.21 CUDA graphs: what counts in vLLM's share."""
    table = load_table("overheads")["vllm_parts"]
    kind = "non_torch_pcie" if _is_on_pcie(workload) else "non_torch"
    if version_of(settings.version) < FIRST_WITH_LESS_COUNTED:
        kind = "non_torch_before_0.7"
    rows = [row for row in table[kind] if row["devices"] <= workload.tensor_parallel][-1:]
    if not settings.enforce_eager and version_of(settings.version) >= FIRST_WITH_GRAPHS_COUNTED:
        rows.append(table["cuda_graphs"])
    return Estimate(*(sum(row[key] for row in rows) for key in ("overhead_bytes", "least_bytes", "most_bytes")))


def _is_on_pcie(workload: EngineWorkload) -> bool:
    """Whether the devices are known to talk over PCIe: vLLM then has no buffers of its own for it beyond two."""
    accelerator = workload.accelerator
    if accelerator is None or workload.tensor_parallel <= _MOST_ON_PCIE:
        return False
    return has_pcie(accelerator)


def has_pcie(accelerator: Accelerator) -> bool:
    """Whether devices of this kind talk over PCIe, as far as is known."""
    rate = accelerator.interconnect_bytes_per_second
    return rate is None or rate < _NVLINK_BYTES_PER_SECOND
