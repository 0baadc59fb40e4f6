"""What a model is to be run with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from operator import index
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from budsim_widgets.errors import WorkloadError
from budsim_widgets.units import short_dtype

if TYPE_CHECKING:
    from collections.abc import Iterable

Precision: TypeAlias = Literal["auto", "fp32", "bf16", "fp16", "fp8", "int8", "int4"]
Engine: TypeAlias = Literal["transformers", "vllm"]

PRECISIONS: Final[tuple[Precision, ...]] = ("auto", "fp32", "bf16", "fp16", "fp8", "int8", "int4")
"""Formats of weights and of the KV cache; `auto` is what the config says."""

ENGINES: Final[tuple[Engine, ...]] = ("transformers", "vllm")
"""What runs the model."""

LIMITS: Final[dict[str, int]] = {
    "batch_size": 65_536,
    "seq_length": 100_000_000,
    "tensor_parallel": 1_024,
    "pipeline_parallel": 1_024,
}
"""The largest value of each number: ten times what anyone runs, so that a slip of the hand is noticed."""

_SPOKEN: Final[dict[str, Precision]] = {
    "4bit": "int4",
    "4-bit": "int4",
    "8bit": "int8",
    "8-bit": "int8",
    "nf4": "int4",
    "fp8_e4m3": "fp8",
}


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What a model is to be run with; checked when it is made.

    Attributes:
        batch_size: Sequences at once.
        seq_length: Tokens of each, prompt and answer together.
        precision: Format of the weights; `auto` is the one of the config, its quantization included.
        kv_cache_precision: Format of keys and values; `auto` is the 16- or 32-bit format of the computation.
        engine: `transformers` or `vllm`.
        tensor_parallel: Devices that share each layer.
        pipeline_parallel: Groups of devices that the layers are dealt out to.

    Raises:
        WorkloadError: A number is out of range, or a name unknown; `.field` names the parameter.

    Example:
        >>> Workload(seq_length=8192, precision="bfloat16").precision
        'bf16'
    """

    batch_size: int = 1
    seq_length: int = 2048
    precision: Precision = "auto"
    kv_cache_precision: Precision = "auto"
    engine: Engine = "transformers"
    tensor_parallel: int = 1
    pipeline_parallel: int = 1

    def __post_init__(self) -> None:
        for field in LIMITS:
            object.__setattr__(self, field, _checked_count(field, getattr(self, field)))
        for field in ("precision", "kv_cache_precision"):
            object.__setattr__(self, field, _checked_precision(field, getattr(self, field)))
        object.__setattr__(self, "engine", _checked_engine(self.engine))

    @classmethod
    def of(cls, **fields: Any) -> Workload:
        """A workload from parameters by name.

        Raises:
            WorkloadError: As of the class, and where a name is unknown.

        Example:
            >>> Workload.of(batch_size=2).seq_length
            2048
        """
        known = cls.__dataclass_fields__
        for name in fields.keys() - known.keys():
            near = _nearest(name, known)
            hint = f"Did you mean {near}?" if near else f"Known are {', '.join(known)}."
            raise WorkloadError(f"There is no parameter {name!r:.80}.", field=name, next_step=hint)
        return cls(**fields)

    @property
    def num_devices(self) -> int:
        """Devices that the model is spread over."""
        return self.tensor_parallel * self.pipeline_parallel

    def to_dict(self) -> dict[str, Any]:
        """The parameters by name."""
        return asdict(self)


def _checked_count(field: str, value: object) -> int:
    limit = LIMITS[field]
    if type(value) is int and 0 < value <= limit:
        return value
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise WorkloadError(
            f"{field} must be a whole number, not {value!r:.80}.",
            field=field,
            next_step=f"Give {field} as in {field}=1.",
        )
    number = index(cast("Any", value))
    if not 0 < number <= limit:
        raise WorkloadError(
            f"{field} is {number:,}; it must be between 1 and {limit:,}.",
            field=field,
            next_step="Mend the number." if number > 0 else f"The smallest {field} is 1.",
        )
    return number


def _checked_precision(field: str, value: object) -> Precision:
    if value in PRECISIONS:
        return value
    if isinstance(value, str):
        name = value.strip().lower()
        known = _SPOKEN.get(name) or short_dtype(name) or name
        if known in PRECISIONS:
            return known
    raise _unknown(field, value, PRECISIONS)


def _checked_engine(value: object) -> Engine:
    name = value.strip().lower() if isinstance(value, str) else value
    if name in ENGINES:
        return name
    raise _unknown("engine", value, ENGINES)


def _unknown(field: str, value: object, known: tuple[str, ...]) -> WorkloadError:
    near = _nearest(value.strip().lower(), known) if isinstance(value, str) else None
    hint = f"Did you mean {near!r}? " if near else ""
    return WorkloadError(
        f"{field} {value!r:.80} is unknown.", field=field, next_step=f"{hint}Choose one of {', '.join(known)}."
    )


def _nearest(name: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name needs it

    return next(iter(get_close_matches(name, tuple(known), n=1)), None)
