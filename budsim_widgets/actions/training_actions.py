"""What fine-tuning takes: the action about training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.hardware import find_accelerator
from budsim_widgets.training import TrainingSettings, finetune

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from budsim_widgets.actions.model_cache import DescribedModels
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.hardware.finding import HasAccelerator
    from budsim_widgets.resolver import Model
    from budsim_widgets.training import TrainingReport


class TrainingActions:
    """What fine-tuning takes.

    Args:
        models: Finds and builds the models.
    """

    def __init__(self, models: DescribedModels) -> None:
        self._models = models

    def finetune(  # noqa: PLR0913 - the settings of a training, so that a notebook completes them
        self,
        model: Model,
        method: str = "lora",
        *,
        batch_size: int = 1,
        seq_length: int = 2048,
        precision: str = "bf16",
        optimizer: str = "adamw",
        gradient_checkpointing: bool | str = True,
        lora_rank: int = 16,
        lora_targets: str | Iterable[str] = "all-linear",
        modules_to_save: Iterable[str] = (),
        tool: str = "peft",
        attention: str = "sdpa",
        num_devices: int | None = None,
        sharding: str | None = None,
        offload_optimizer: bool = False,
        gradient_accumulation: int = 1,
        accelerator: str | Accelerator | HasAccelerator | Mapping[str, Any] | None = None,
        **more: Any,
    ) -> TrainingReport:
        """What fine-tuning a model takes on each device, whether that fits, and what would make it fit.

        Args:
            model: A Hub id or URL, a config dict, or a path to a config file.
            method: `full`, `lora` or `qlora`.
            batch_size: Sequences at once on each device.
            seq_length: Tokens of each.
            precision: Format of the weights: `bf16`, `fp16`, `fp32`; `bf16-mixed` are fp32 weights with autocast.
            optimizer: `adamw`, `adamw-8bit`, `paged-adamw-8bit`, `adafactor`, `lion`, `muon`, `sgd` …, or as
                `TrainingArguments(optim=)` has it.
            gradient_checkpointing: Whether layers are computed again instead of kept; `"offload"`: with their inputs
                in the computer's own memory.
            lora_rank: Rank of the adapters.
            lora_targets: `all-linear`, or names of modules.
            modules_to_save: Modules that are trained whole beside the adapters.
            tool: `peft`, `trl`, `unsloth`, `axolotl`, `llamafactory`, `torchtune`, `litgpt` or `deepspeed`.
            attention: `sdpa`, `flash`, or `eager`.
            num_devices: Devices that train together; None: as many as the accelerator's name counts.
            sharding: What they share: `zero1`, `zero2`, `zero3`, `fsdp`; None: nothing.
            offload_optimizer: Whether the optimizer's states stay in the computer's own memory.
            gradient_accumulation: Batches before each step of the optimizer.
            accelerator: Where it must fit, as people write it: `4090`, `2x3090`, `24 GB`; or an `Accelerator`.
            more: Further fields of `TrainingSettings`: `trainer`, `loss`, `adapter_precision`, `double_quantization`,
                `frozen`.

        Raises:
            WorkloadError: A setting is unknown, out of range, or doesn't suit the model; `.field` names it.
            ModelIdError, HubError, ConfigError, StoreError: As of `calculate`.

        Example:
            >>> from budsim_widgets.actions import Actions
            >>> config = {"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
            ...     "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
            >>> report = Actions().training.finetune(config, "qlora", accelerator="16 GB")
            >>> report.verdict, report.num_trainable_parameters
            ('fits', 41943040)
        """
        found, count = find_accelerator(accelerator) if accelerator is not None else (None, 1)
        settings = TrainingSettings.of(
            method=method,
            batch_size=batch_size,
            seq_length=seq_length,
            precision=precision,
            optimizer=optimizer,
            gradient_checkpointing=gradient_checkpointing,
            lora_rank=lora_rank,
            lora_targets=lora_targets,
            modules_to_save=modules_to_save,
            tool=tool,
            attention=attention,
            num_devices=count if num_devices is None else num_devices,
            sharding=sharding,
            offload_optimizer=offload_optimizer,
            gradient_accumulation=gradient_accumulation,
            **more,
        )
        described = self._models.get(model)
        resolved = described.resolved
        with config_errors(resolved.model_id, config=resolved.config):
            report = finetune(
                described.architecture,
                settings,
                found,
                model_id=resolved.model_id,
                config_source=resolved.source,
            )
        return replace(report, notes=(*resolved.notices, *report.notes))
