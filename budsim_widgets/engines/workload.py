"""What a model is to be run with."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import index
from typing import TYPE_CHECKING, Any, Final, cast

from budsim_widgets.engines.names import known_precision, nearest
from budsim_widgets.engines.registry import ENGINES, engine_of
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import counted, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from budsim_widgets.engines.base import Engine
    from budsim_widgets.hardware import Accelerator

LIMITS: Final[dict[str, int]] = {
    "batch_size": 65_536,
    "seq_length": 100_000_000,
    "tensor_parallel": 1_024,
    "pipeline_parallel": 1_024,
}
"""The largest value of each number: ten times what anyone runs, so that a slip of the hand is noticed."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What a model is to be run with; checked when it is made.

    Attributes:
        batch_size: Sequences at once.
        seq_length: Tokens of each, prompt and answer together.
        precision: Format of the weights; `auto` is the one of the config, its quantization included.
        kv_cache_precision: Format of keys and values; `auto` is the 16- or 32-bit format of the computation.
        engine: What runs it; given as a name (`vllm`), an engine with settings, or a dict of its name and settings.
        tensor_parallel: Devices that share each layer.
        pipeline_parallel: Pipeline stages that the layers are divided over.
        accelerator: What it runs on, for an engine whose defaults depend on it; given as people write it (`4090`), as
            an `Accelerator` or the dict of one. `2x3090` is two devices of tensor parallelism, where no number of
            devices is given. None: not known.

    Raises:
        WorkloadError: A number is out of range, or a name unknown; `.field` names the parameter.

    Example:
        >>> Workload(seq_length=8192, precision="bfloat16").precision
        'bf16'
    """

    batch_size: int = 1
    seq_length: int = 2048
    precision: str = "auto"
    kv_cache_precision: str = "auto"
    engine: Engine = ENGINES["transformers"]
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    accelerator: Accelerator | None = None

    def __post_init__(self) -> None:
        values = self.__dict__  # which is written to here alone, and in `with_size`
        for field, limit in LIMITS.items():
            if type(values[field]) is not int or not 0 < values[field] <= limit:
                values[field] = _checked_count(field, values[field], limit)
        if self.accelerator is not None:
            self._take_accelerator(self.accelerator)
        engine = engine_of(self.engine)
        precision = known_precision("precision", self.precision, engine.weight_precisions, engine.label)
        cache_precision = known_precision(
            "kv_cache_precision", self.kv_cache_precision, engine.cache_precisions, engine.label
        )
        values.update(engine=engine, precision=precision, kv_cache_precision=cache_precision)

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
            near = nearest(name, known)
            hint = f"Did you mean {near}?" if near else f"Known are {', '.join(known)}."
            raise WorkloadError(f"There is no parameter {quoted(name, 80)}.", field=name, next_step=hint)
        return cls(**fields)

    def changed(self, **fields: Any) -> Workload:
        """The same with some other parameters, checked as when it is made.

        Raises:
            WorkloadError: As of the class.

        Example:
            >>> Workload(seq_length=8192).changed(batch_size=4).seq_length
            8192
        """
        return Workload(**{**self.__dict__, **fields})

    def with_size(self, seq_length: int, batch_size: int) -> Workload:
        """The same with other numbers, which alone are checked: what is asked a hundred thousand times.

        Raises:
            WorkloadError: A number is out of range; `.field` names it.

        Example:
            >>> Workload(precision="fp8").with_size(8192, 4).seq_length
            8192
        """
        made = object.__new__(Workload)
        made.__dict__.update(self.__dict__)
        made.__dict__["seq_length"] = _checked_count("seq_length", seq_length, LIMITS["seq_length"])
        made.__dict__["batch_size"] = _checked_count("batch_size", batch_size, LIMITS["batch_size"])
        return made

    @property
    def num_devices(self) -> int:
        """Devices that the model is spread over."""
        return self.tensor_parallel * self.pipeline_parallel

    def to_dict(self) -> dict[str, Any]:
        """The parameters by name, the engine as a dict of its name and settings."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        accelerator = _finding().name_or_dict(self.accelerator) if self.accelerator else None
        return {**found, "engine": self.engine.to_dict(), "accelerator": accelerator}

    def _take_accelerator(self, given: Accelerator | Mapping[str, Any] | str) -> None:
        accelerator, count = _finding().find_accelerator(given)
        object.__setattr__(self, "accelerator", accelerator)
        if count > 1 and self.num_devices == 1:
            object.__setattr__(self, "tensor_parallel", count)


def _finding() -> ModuleType:
    """What knows accelerators by name: loaded with the first that is named."""
    from budsim_widgets.hardware import finding  # noqa: PLC0415 - as the docstring says

    return finding


def _checked_count(field: str, value: object, limit: int) -> int:
    if type(value) is int and 0 < value <= limit:
        return value
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise WorkloadError(
            f"{field} must be a whole number, not {quoted(value, 80)}.",
            field=field,
            next_step=f"Give {field} as in {field}={Workload.__dataclass_fields__[field].default}.",
        )
    number = index(cast("Any", value))
    if not 0 < number <= limit:
        raise WorkloadError(
            f"{field} is {counted(number)}; it must be between 1 and {limit:,}.",
            field=field,
            next_step=f"Choose a smaller {field}." if number > 0 else f"The smallest {field} is 1.",
        )
    return number
