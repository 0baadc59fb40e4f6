"""How the code of a model type computes: what its layers hold while they run depends on it, its weights don't."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from budsim_widgets.data import load_table
from budsim_widgets.engines.working_sets.moments import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture

Attention: TypeAlias = Literal["sdpa", "eager", "flash"]
"""The attention that a model runs with: torch's fused kernels, as written with a matrix of scores, or flash-attn."""

FP32_BYTES: Final = 4


@dataclass(frozen=True, kw_only=True)
class Code:
    """What was read in the modelling code of a model type; the defaults are Llama's.

    Attributes:
        frame: The order of norms and blocks in a layer, a key of `FRAMES`.
        norm: `rms`, or `fp32_layer_norm`, a layer norm written out in fp32; torch's own is seen by its bias.
        rotary: How queries and keys are rotated: as `halves`, both cast to `fp32` first, each by itself
            (`fp32_apart`), in `fp32_products`, or `none`.
        softmax: Whether scores are cast to fp32 for it, stay in 16 bits, are made in fp32 (`fp32 scores`), or are
            joined in fp32 with a sink (`fp32 sinks`).
        score_copies: Copies of the scores in their own format that stand when the softmax begins, itself included.
        rotated: The part of each head that is rotated, where a config doesn't say.
        rotates: Which layers rotate: `all`, or `windowed`, those with a window alone.
        routing: Whether the experts' weights are in fp32, so that what experts return becomes fp32.
        activation: The activation function, where a config doesn't say.
        keeps_scores: How long scores are held: until the `layer` returns, until those of the `next` are made, until
            the recurrent layer `after` it returns, or `not`.
        results_beside_scores: Copies of the result that are made while scores stand beside their softmax still.
        repeats_keys: Whether grouped keys and values are repeated for each query head.
        masks: When a mask of positions by positions is made: `window` (with windows, where a prompt is longer),
            `always`, `never`.
        shared_first: Whether the shared expert runs before the routed ones, and its result waits.
        keeps_rotated: Whether the rotated parts of queries and keys are held beside the joined ones (Persimmon).
        experts: `grouped` (transformers' grouped_mm), or `all` where every expert reads every token (Llama 4).
        learned_positions: Whether the rows of a table of positions are held: `once` or for each `sequence`.
        mixer_streams: Copies of the residual stream beside a recurrent block, its input included.
        fp32_residual: Whether the residual stream is in fp32.
        experts_used: Experts that a token is sent to, whatever the config says; 0: as it says.
        gate_copies: Copies of an expert's inner width while its gate is computed; 0: as in a plain block.
        rotaries: Rotations with cosines and sines of their own, such as one for each kind of layer.
        scales_embeddings: Whether the text model makes scaled embeddings of those that it is given.
        keeps_gate: Whether the gate stands beside what the activation makes of it (Gemma 3n).
        per_layer_inputs: Whether each token has embeddings of its own for every layer (Gemma 3n and 4).
        position_bias: Whether positions are numbers that are added to the scores, one matrix for all layers (T5).
        qk_norm: Whether queries and keys pass a norm that has no weights.
        gates_result: Whether a gate as wide as attention's result stands beside it.
        moments: Moments that are listed, see `listed.py`.
        replaces: Blocks whose moments are listed instead: `attention`, `encoder` (attention of layers that cache
            nothing), `mixer`, `norm`, `feeds`, `experts`.
        always: What stands all the time beside masks and positions, listed as moments are.
        declared: What the class of the config declares of fields that sums name and files may leave out.
        classes: The classes that this is said of, where the type has others that nobody measured; empty: all.
    """

    frame: str = "pre_norm"
    norm: str = "rms"
    rotary: str = "halves"
    softmax: str = "fp32"
    score_copies: int = 1
    rotated: float = 1.0
    rotates: str = "all"
    routing: str = "16 bits"
    activation: str = ""
    keeps_scores: str = "layer"
    results_beside_scores: int = 0
    repeats_keys: bool = True
    masks: str = "window"
    shared_first: bool = False
    keeps_rotated: bool = False
    experts: str = "grouped"
    learned_positions: str = ""
    mixer_streams: int = 3
    fp32_residual: bool = False
    experts_used: int = 0
    gate_copies: int = 0
    rotaries: int = 1
    scales_embeddings: bool = False
    keeps_gate: bool = False
    per_layer_inputs: bool = False
    position_bias: bool = False
    qk_norm: bool = False
    gates_result: bool = False
    moments: tuple[Moment, ...] = ()
    replaces: tuple[str, ...] = ()
    always: tuple[Moment, ...] = ()
    declared: tuple[tuple[str, float], ...] = ()
    classes: tuple[str, ...] = ()

    @classmethod
    def parsed(cls, row: Mapping[str, Any]) -> Code:
        """Reads a row of the table, the sums that it lists included."""
        moments = {name: tuple(map(Moment.parsed, row.get(name, ()))) for name in ("moments", "always")}
        names = {name: tuple(row.get(name, ())) for name in ("replaces", "classes")}
        return cls(**{**row, **moments, **names, "declared": tuple(row.get("declared", {}).items())})

    def norm_bytes(self, compute_bytes: int) -> int:
        """Bytes an element that a norm holds beside its input.

        An RMS norm: the input in fp32 and its square; or, in fp32, its result before and after the weight.
        """
        if self.norm == "fp32_layer_norm":
            return 3 * FP32_BYTES if compute_bytes < FP32_BYTES else 2 * FP32_BYTES
        return 2 * FP32_BYTES


def code_of(architecture: Architecture) -> Code | None:
    """What was read of a model's text part; None where nobody looked at it, or never measured its class."""
    code = _read(str(architecture.text_config.get("model_type") or architecture.model_type))
    return None if code and code.classes and architecture.architecture not in code.classes else code


@cache
def _read(model_type: str) -> Code | None:
    table: dict[str, dict[str, Any]] = load_table("working_sets")["model_types"]
    return Code.parsed(table[model_type]) if model_type in table else None
