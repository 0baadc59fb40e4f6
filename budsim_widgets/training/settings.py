"""What a model is to be trained with; checked once."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.engines.names import nearest
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted
from budsim_widgets.training import names
from budsim_widgets.training.values import (
    ALL_LINEAR,
    checkpointing_of,
    choice_of,
    count_of,
    flag_of,
    names_of,
    targets_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS: Final[dict[str, int]] = {
    "batch_size": 65_536,
    "seq_length": 100_000_000,
    "lora_rank": 65_536,
    "num_devices": 1_024,
    "gradient_accumulation": 65_536,
}
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "method": names.METHODS,
    "precision": names.PRECISIONS,
    "optimizer": names.OPTIMIZERS,
    "tool": names.TOOLS,
    "trainer": names.TRAINERS,
    "attention": names.ATTENTIONS,
    "loss": names.LOSSES,
    "adapter_precision": names.ADAPTER_PRECISIONS,
}
_FLAGS: Final = ("offload_optimizer", "double_quantization")
_NAME_LISTS: Final = ("modules_to_save", "frozen")


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How a model is trained.

    Attributes:
        method: `full`, `lora`, or `qlora` (LoRA on a base in 4-bit NF4).
        batch_size: Sequences at once on each device.
        seq_length: Tokens of each.
        precision: Format of the weights: `bf16`, `fp16`, `fp32`; `bf16-mixed` are fp32 weights with bf16 computation.
        optimizer: One of `names.OPTIMIZERS`; what `TrainingArguments(optim=)` takes will do.
        gradient_checkpointing: Whether each layer is computed again in the backward pass instead of being kept;
            `"offload"`: and the inputs that it needs for that lie in the computer's own memory, as with Unsloth's
            `use_gradient_checkpointing="unsloth"`.
        lora_rank: Rank of the adapters.
        lora_targets: `all-linear` as PEFT means it, or names of modules (`("q_proj", "v_proj")`).
        modules_to_save: Modules beside the adapters that are trained whole, such as `("embed_tokens", "lm_head")`.
        adapter_precision: Format of the adapters; `auto`: the tool's own.
        double_quantization: Whether the scales of a QLoRA base are quantized too.
        frozen: Names of modules that a full fine-tuning leaves as they are, such as `("vision_tower",)`.
        tool: What trains: `peft` (transformers' Trainer), `trl`, `unsloth`, `axolotl`, `llamafactory`, `torchtune`,
            `litgpt`, `deepspeed`.
        trainer: `sft`; `dpo` (a chosen and a rejected answer for each sequence), `grpo` (answers made while training).
        attention: `sdpa`, `flash`, or `eager`, which keeps the scores.
        loss: `whole` logits, `chunked`, or `fused` with the head so that the logits never stand whole; `auto`: the
            tool's own.
        num_devices: Devices that train together, each with its own batch.
        sharding: What they share: `zero1` (optimizer), `zero2` (and gradients), `zero3` or `fsdp` (and weights);
            None: nothing, each holds everything.
        offload_optimizer: Whether the optimizer's states stay in the computer's own memory.
        gradient_accumulation: Batches before each step of the optimizer.

    Raises:
        WorkloadError: A value is out of range or unknown; `.field` names the parameter.

    Example:
        >>> TrainingSettings(optimizer="adamw_torch_fused").optimizer
        'adamw-fused'
    """

    method: str = "lora"
    batch_size: int = 1
    seq_length: int = 2048
    precision: str = "bf16"
    optimizer: str = "adamw"
    gradient_checkpointing: bool | str = True
    lora_rank: int = 16
    lora_targets: str | tuple[str, ...] = ALL_LINEAR
    modules_to_save: tuple[str, ...] = ()
    adapter_precision: str = "auto"
    double_quantization: bool = True
    frozen: tuple[str, ...] = ()
    tool: str = "peft"
    trainer: str = "sft"
    attention: str = "sdpa"
    loss: str = "auto"
    num_devices: int = 1
    sharding: str | None = None
    offload_optimizer: bool = False
    gradient_accumulation: int = 1

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {name: count_of(name, getattr(self, name), most) for name, most in LIMITS.items()}
        checked |= {name: choice_of(name, getattr(self, name), known) for name, known in _CHOICES.items()}
        checked |= {name: flag_of(name, getattr(self, name)) for name in _FLAGS}
        checked |= {name: names_of(name, getattr(self, name)) for name in _NAME_LISTS}
        checked["gradient_checkpointing"] = checkpointing_of(self.gradient_checkpointing)
        if self.sharding is not None:
            checked["sharding"] = choice_of("sharding", self.sharding, names.SHARDINGS)
        checked["lora_targets"] = targets_of(self.lora_targets)
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        _check_together(self)

    @classmethod
    def of(cls, **given: Any) -> TrainingSettings:
        """Settings from parameters by name.

        Raises:
            WorkloadError: As of the class, and where a name is unknown.

        Example:
            >>> TrainingSettings.of(method="full").lora_rank
            16
        """
        known = cls.__dataclass_fields__
        for name in given.keys() - known.keys():
            near = nearest(name, known)
            hint = f"Did you mean {near}?" if near else f"Known are {', '.join(known)}."
            raise WorkloadError(f"There is no parameter {quoted(name, 80)}.", field=name, next_step=hint)
        return cls(**given)

    @property
    def has_adapters(self) -> bool:
        """Whether the model itself stays as it is beside trained adapters."""
        return self.method != "full"

    @property
    def num_tokens(self) -> int:
        """Tokens that a device reads at once; preference training reads a chosen and a rejected answer."""
        return self.batch_size * self.seq_length * (2 if self.trainer == "dpo" else 1)

    @cached_property
    def without_tokens(self) -> TrainingSettings:
        """The same for one sequence of one token: what doesn't depend on the batch is computed once for all."""
        same = copy(self)
        object.__setattr__(same, "batch_size", 1)
        object.__setattr__(same, "seq_length", 1)
        return same

    def with_tokens(self, *, batch_size: int, seq_length: int) -> TrainingSettings:
        """The same for another batch; the numbers aren't checked again."""
        same = copy(self)
        object.__setattr__(same, "batch_size", batch_size)
        object.__setattr__(same, "seq_length", seq_length)
        return same

    def to_dict(self) -> dict[str, Any]:
        """The parameters by name, as JSON has them."""
        found: Mapping[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _check_together(settings: TrainingSettings) -> None:
    """What each value allows alone, but not all of them together."""
    if settings.method == "qlora" and settings.precision.endswith(("fp32", "mixed")):
        raise WorkloadError(
            f"A 4-bit base is computed with in 16 bits, not in {settings.precision}.",
            field="precision",
            next_step='Choose precision="bf16" or "fp16".',
        )
    if settings.frozen and settings.has_adapters:
        raise WorkloadError(
            f"With {settings.method} the whole model is frozen already.",
            field="frozen",
            next_step='Leave it out, or choose method="full".',
        )
    if settings.modules_to_save and not settings.has_adapters:
        raise WorkloadError(
            "A full fine-tuning trains every module already.",
            field="modules_to_save",
            next_step='Leave it out, or choose method="lora".',
        )
