"""Settings of SGLang, checked; and the line for a shell that starts it with them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.engines.base import Engine
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.engines.engine_workload import EngineWorkload

_MOST: Final = 2**31
_SMALLER_CHUNK: Final = 2_048
_LARGER_FRACTION: Final = 0.95
_DTYPES: Final = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
_CACHE_DTYPES: Final = {"bf16": "bf16", "fp8": "fp8_e4m3"}


@dataclass(frozen=True, kw_only=True)
class SGLangSettings(Engine):
    """What `sglang.launch_server` is started with; None: what it chooses itself.

    Attributes:
        mem_fraction_static: The share of a device for weights and cache, above 0 and below 1.
        chunked_prefill_size: Tokens of a prompt that are read at once.
        max_running_requests: Requests that run at once at most.

    Raises:
        WorkloadError: A setting is out of range; `.field` is its name.
    """

    mem_fraction_static: float | None = None
    chunked_prefill_size: int | None = None
    max_running_requests: int | None = None

    def __post_init__(self) -> None:
        share = self.mem_fraction_static
        if share is not None and (isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1):
            raise WorkloadError(
                f"mem_fraction_static must be above 0 and below 1, not {quoted(share, 80)}.",
                field="mem_fraction_static",
                next_step="Give mem_fraction_static=0.88, or None for SGLang's own choice.",
            )
        for field, example in (("chunked_prefill_size", 8192), ("max_running_requests", 256)):
            value = getattr(self, field)
            if value is not None and (type(value) is not int or not 0 < value <= _MOST):
                raise WorkloadError(
                    f"{field} must be a whole number from 1, not {quoted(value, 80)}.",
                    field=field,
                    next_step=f"Give {field} as in {field}={example}, or None for SGLang's own choice.",
                )

    def smaller_settings(self) -> tuple[dict[str, Any], ...]:
        """Shorter chunks of a prompt, or a larger share of the device."""
        changes: list[dict[str, Any]] = []
        if self.chunked_prefill_size is None or self.chunked_prefill_size > _SMALLER_CHUNK:
            changes.append({"chunked_prefill_size": _SMALLER_CHUNK})
        if self.mem_fraction_static is None or self.mem_fraction_static < _LARGER_FRACTION:
            changes.append({"mem_fraction_static": _LARGER_FRACTION})
        return tuple(changes)


def launch_command(settings: SGLangSettings, model_id: str, workload: EngineWorkload) -> str:
    """`sglang.launch_server` with this workload and these settings."""
    words = ["python", "-m", "sglang.launch_server", "--model-path", model_id]
    words += ["--context-length", str(workload.seq_length)]
    options = {
        "--tp-size": workload.tensor_parallel if workload.tensor_parallel > 1 else None,
        "--pp-size": workload.pipeline_parallel if workload.pipeline_parallel > 1 else None,
        "--mem-fraction-static": settings.mem_fraction_static,
        "--chunked-prefill-size": settings.chunked_prefill_size,
        "--max-running-requests": settings.max_running_requests,
        "--dtype": _DTYPES.get(workload.precision),
        "--quantization": "fp8" if workload.precision == "fp8" else None,
        "--kv-cache-dtype": _CACHE_DTYPES.get(workload.kv_cache_precision),
    }
    for option, value in options.items():
        words += [option, str(value)] if value is not None else []
    return shlex.join(words)
