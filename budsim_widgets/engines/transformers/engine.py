"""transformers: the library that most models are written for; one process, all tokens of the prompt at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.data import load_table
from budsim_widgets.engines.answers import CacheBytes, Estimate, Served
from budsim_widgets.engines.base import Engine
from budsim_widgets.engines.names import unknown_name
from budsim_widgets.engines.prompt_notes import text_prompt_notes
from budsim_widgets.engines.serving import served_at_once
from budsim_widgets.engines.transformers.attention import ATTENTIONS, attention_of
from budsim_widgets.engines.transformers.caches import KV_BYTES, bytes_before_windows
from budsim_widgets.formats.precision import COMPUTE_DTYPES
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from types import ModuleType

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.engines.working_sets import Attention, WorkingSet
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.precision import WeightPrecision
    from budsim_widgets.hardware import Accelerator

_NOTED_LENGTH: Final = 1024


_UNPACKED: Final = {
    "compressed-tensors": (
        "transformers unpacks weights of compressed-tensors to 16 bits in the first forward pass: memory holds those "
        "and the scales. vLLM and SGLang compute with what the file holds."
    ),
    "autobitlinear": (
        "transformers unpacks these layers of BitNet to 16 bits while it loads them, eight times as much as the file "
        "holds."
    ),
}
"""Formats, by the library that wrote a file or by their key, that transformers keeps unpacked.

Source: `ct_decompress_hook` of compressed-tensors 0.20, which transformers 5.24 leaves on the model;
`BitNetDeserialize` of transformers.
"""

_QUANTIZED_CACHE_NOTE: Final = "A quantized KV cache is an estimate: transformers keeps the newest tokens unquantized."
_EAGER_NOTE: Final = (
    "transformers has no fused attention kernel for this model: activations grow with the square of seq_length, unless "
    "another attn_implementation is chosen."
)


_UNDESCRIBED_NOTE: Final = (
    "Activations of this model type aren't described: its layers are taken for Llama's, and the range is wide."
)
_RECURRENT_NOTE: Final = (
    "Activations of the recurrent layers are those without fused kernels (mamba-ssm, flash-linear-attention), which "
    "need less."
)


@dataclass(frozen=True, kw_only=True)
class Transformers(Engine):
    """The transformers library, as `generate()` runs a model.

    Attributes:
        attention: `sdpa` (torch's fused kernels), `eager` (as written, with a matrix of scores), `flash` (the package
            flash-attn), or `auto`: sdpa where the model's class has it, else eager, as transformers chooses.

    Raises:
        WorkloadError: There is no such attention; `.field` is `attention`.

    Example:
        >>> from budsim_widgets.engines import Workload
        >>> Workload(engine="transformers").engine
        Transformers(attention='auto')
    """

    attention: str = "auto"

    name: ClassVar[str] = "transformers"
    label: ClassVar[str] = "transformers"
    loads_with_transformers: ClassVar[bool] = True
    weight_precisions: ClassVar[tuple[str, ...]] = (
        *("auto", "fp32", "bf16", "fp16", "fp8", "int8", "int4"),
        *("gptq-int4", "awq-int4", "mxfp4"),
    )
    cache_precisions: ClassVar[tuple[str, ...]] = ("auto", *KV_BYTES)
    smaller_weight_precisions: ClassVar[tuple[str, ...]] = ("int8", "int4")
    smaller_cache_precisions: ClassVar[tuple[str, ...]] = ("int8", "int4")

    def __post_init__(self) -> None:
        if not isinstance(self.attention, str) or self.attention not in ATTENTIONS:
            raise unknown_name("attention", self.attention, ATTENTIONS)

    def made_on_load(self, precision: str) -> QuantizedFormat | None:
        """Blocks of fp8, LLM.int8() and NF4, as `quantization_config=` of `from_pretrained` makes them."""
        return _made_on_load().get(precision)

    def loaded(self, declared: WeightPrecision) -> WeightPrecision:
        """What is unpacked to 16 bits, as such; everything else as the file has it."""
        if declared.quantized is None:
            return declared
        note = _UNPACKED.get(declared.method) or _UNPACKED.get(declared.quantized.key)
        return declared.unpacked(note) if note else declared

    def cache(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> CacheBytes:
        """The bytes that transformers holds; exact but for a quantized cache."""
        dtype = compute_dtype if workload.kv_cache_precision == "auto" else workload.kv_cache_precision
        size = architecture.cache(
            workload.batch_size,
            workload.seq_length,
            kv_bytes_per_element=KV_BYTES[dtype],
            state_bytes_per_element=KV_BYTES[compute_dtype],
        )
        if dtype in COMPUTE_DTYPES or not size.kv_cache_bytes:
            return CacheBytes(*size, dtype, "exact")
        return CacheBytes(*size, dtype, "estimate", (_QUANTIZED_CACHE_NOTE,))

    def activations(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> Estimate:
        """Peak of a forward pass that reads all tokens at once, beside weights and cache.

        The vocabulary is scored for the last token of each sequence alone, as `generate()` does. What each block holds
        at its highest moments was read in the code of its model type (`working_sets`); where nobody read it, the
        blocks are taken for Llama's, and the range is wide. With tensor parallel, the blocks are divided, the residual
        stream isn't. What the allocator adds on a device isn't in it. Layers with a window hold the keys and values of
        the whole prompt until the next token: those that the cache doesn't count are counted here.

        Measured on the meta device (tools/activations) with text prompts without padding, sdpa and eager, over 275
        model types whose code was read: median error 0.0%, nine of ten within 1%, none beyond 9%. The range holds
        them. In fp32 133 of the types were measured: none beyond 7%. Reading one token behind a prompt took less than
        the prompt in all 606 passes of 163 types. With flash attention they are derived from the same code (flash-attn
        keeps no mask and no scores), not measured.

        Of other model types the range is x 0.4 to x 7.8, and x 0.42 to x 1.46 where `attention` is chosen and a config
        speaks of plain attention alone: the first and the last percentile of half of the types that were read, taken
        for unread. Each held 98% of the passes of the other half. What an unread class chooses by itself is taken for
        `sdpa`. Two types that nobody read, BigBird and PP-FormulaNet, took up to 125 times what is said. With
        `device_map="auto"` what is said is that of the device that holds most while its layers run.

        Raises:
            WorkloadError: The model's class has no such attention; `.field` is `attention`.

        Example:
            Llama-3.1-8B, 2,048 tokens: 2 bytes · 2048 · (4 · 4096 + 3 · 14336 + 256) + 2048 · 8, as measured.

            >>> from budsim_widgets.architectures import build
            >>> from budsim_widgets.engines import Workload
            >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
            ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
            ...     "num_key_value_heads": 8})
            >>> Transformers().activations(llama, Workload(), "bf16").num_bytes
            244334592
        """
        attention = attention_of(architecture, self.attention)
        width, stages = DTYPE_BITS[compute_dtype] // 8, workload.pipeline_parallel
        held = _working_sets().working_set(architecture, attention, width, stages)
        passed = bytes_before_windows(architecture, workload, compute_dtype)
        peak = held.peak_bytes(workload.batch_size, workload.seq_length, workload.tensor_parallel)
        is_unsure = self.attention == "auto" and not held.is_described  # what it chooses may be eager attention
        least, most = load_table("working_sets")["range"]["undescribed" if is_unsure else held.range]
        notes = self._notes(architecture, workload, held, attention)
        return Estimate(passed + peak, passed + int(peak * least), passed + int(peak * most), notes)

    def _notes(
        self, architecture: Architecture, workload: EngineWorkload, held: WorkingSet, attention: Attention
    ) -> tuple[str, ...]:
        notes = [] if held.is_described else [_UNDESCRIBED_NOTE]
        is_chosen = self.attention == "eager"
        if attention == "eager" and not is_chosen and held.has_scores and workload.seq_length >= _NOTED_LENGTH:
            notes.append(_EAGER_NOTE)
        if any(isinstance(cache, StateCache) and cache.recurrent_elements for cache, _ in architecture.layer_caches):
            notes.append(_RECURRENT_NOTE)
        return (*notes, *text_prompt_notes(architecture))

    def budget_bytes(self, accelerator: Accelerator) -> int:
        """All that a process gets."""
        return accelerator.usable_bytes

    def seen_of(self, accelerator: Accelerator) -> Hashable:
        """Nothing: it chooses nothing by the accelerator."""
        del accelerator
        return None

    def served(
        self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str, room_bytes: Sequence[int]
    ) -> Served:
        """`generate()` computes the requests of a batch together."""
        return served_at_once(self, architecture, workload, compute_dtype, room_bytes)

    def launch_command(self, model_id: str, workload: EngineWorkload) -> str | None:
        """None: it is a library."""
        del model_id, workload
        return None

    def overhead(self, workload: EngineWorkload) -> Estimate:
        """The CUDA context with PyTorch's kernels, and cuBLAS's workspace; it doesn't grow with the model."""
        return self.tabled_overhead(workload)


@cache
def _working_sets() -> ModuleType:
    """What knows them: loaded with the first calculation."""
    from budsim_widgets.engines import working_sets  # noqa: PLC0415 - as the docstring says

    return working_sets


@cache
def _made_on_load() -> dict[str, QuantizedFormat]:
    """`FineGrainedFP8Config()` (blocks of 128 x 128), and bitsandbytes' LLM.int8() and NF4."""
    from budsim_widgets.formats.bitsandbytes import NF4, Int8  # noqa: PLC0415 - only who quantizes loads the formats
    from budsim_widgets.formats.fp8 import BlockFP8  # noqa: PLC0415 - the same

    return {"fp8": BlockFP8(), "int8": Int8(), "int4": NF4()}
