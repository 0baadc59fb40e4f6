"""What fits where: the actions about accelerators."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.engines import Workload
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting import (
    FitReport,
    LogReport,
    PrecisionsReport,
    compare_precisions,
    fit,
)

if TYPE_CHECKING:
    from budsim_widgets.actions.model_cache import DescribedModel, DescribedModels
    from budsim_widgets.engines import Engine
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.hardware.detection import DetectedAccelerator
    from budsim_widgets.resolver import Model


class FitActions:
    """What fits on an accelerator.

    Args:
        models: Finds and builds the models.
    """

    def __init__(self, models: DescribedModels) -> None:
        self._models = models

    def fit(
        self, model: Model, accelerator: str | Accelerator | DetectedAccelerator | None = None, **workload: Any
    ) -> FitReport:
        """Whether a model fits on an accelerator, how long a context and how many requests do, and what would help.

        Args:
            model: A Hub id or URL, a config dict, or a path to a config file.
            accelerator: As people write it: `4090`, `2x3090`, `M3 Max 64GB`, `24 GB`; or an `Accelerator`. None: what
                this machine has.
            workload: Fields of `Workload`, as of `calculate`; without a number of devices, as many as the accelerator's
                name counts.

        Raises:
            WorkloadError: A parameter is unknown or out of range, the accelerator isn't known, this machine has none,
                or the model can't be divided over so many; `.field` names the parameter.
            ModelIdError, HubError, ConfigError, StoreError: As of `calculate`.

        Example:
            >>> from budsim_widgets.actions import Actions
            >>> config = {"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
            ...     "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
            >>> report = Actions().fitting.fit(config, "2x3090", engine="vllm")
            >>> report.verdict, report.num_devices
            ('fits', 2)
        """
        checked = self._workload(accelerator, workload)  # before the Hub is asked, or a person for a config
        return self._report(self._models.get(model), checked)

    def compare_precisions(
        self,
        model: Model,
        accelerator: str | Accelerator | DetectedAccelerator | None = None,
        *,
        engine: str | Engine = "llama.cpp",
        **workload: Any,
    ) -> PrecisionsReport:
        """Which file of a model fits: every precision that an engine runs, the largest first, the best marked.

        Args:
            model: As of `fit`.
            accelerator: As of `fit`; None: what this machine has, and where it has none, sizes alone.
            engine: What runs the files: for `llama.cpp` every type of GGUF file.
            workload: Fields of `Workload` but `precision`.

        Raises:
            WorkloadError: As of `fit`, or the engine doesn't run the model.
            ModelIdError, HubError, ConfigError, StoreError: As of `calculate`.

        Example:
            >>> from budsim_widgets.actions import Actions
            >>> config = {"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
            ...     "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
            >>> Actions().fitting.compare_precisions(config, "RTX 3060 12GB", seq_length=8192).best.precision
            'Q8_0'
        """
        if "precision" in workload:
            raise WorkloadError(
                "All precisions are compared.", field="precision", next_step="Leave precision out, or use fit."
            )
        try:
            checked = self._workload(accelerator, {**workload, "engine": engine})
        except WorkloadError as error:
            if accelerator is not None or error.field != "accelerator":
                raise
            checked = Workload.of(**workload, engine=engine)
        described = self._models.get(model)
        resolved = described.resolved
        with config_errors(resolved.model_id, config=resolved.config):
            return compare_precisions(described.architecture, checked, checked.accelerator, model_id=resolved.model_id)

    def check_log(self, model: Model, text: str | bytes, **workload: Any) -> LogReport:
        """What an engine printed beside our numbers, part by part, with the likeliest reason for a difference.

        Args:
            model: As of `fit`.
            text: What vLLM, SGLang, llama.cpp or Ollama printed while it started, what PyTorch said when CUDA had no
                more memory, or what nvidia-smi shows. Nothing of it is kept.
            workload: Fields of `Workload` that the log doesn't show, or shows wrongly.

        Raises:
            WorkloadError: The text is none or too long, or a parameter is unknown or out of range.
            ModelIdError, HubError, ConfigError, StoreError: As of `calculate`.

        Example:
            >>> from budsim_widgets.actions import Actions
            >>> config = {"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
            ...     "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
            >>> report = Actions().fitting.check_log(config, "Model loading took 14.9889 GiB and 3.65 seconds")
            >>> report.label, report.rows[0].part, report.rows[0].reason
            ('vLLM', 'weights', 'Within half a percent.')
        """
        from budsim_widgets.engines.logs import read_log  # noqa: PLC0415 - only who has a log loads what reads it
        from budsim_widgets.fitting.log_comparison import compare_log  # noqa: PLC0415 - the same

        reading = read_log(text)
        described = self._models.get(model)
        resolved = described.resolved
        with config_errors(resolved.model_id, config=resolved.config):
            return compare_log(described.architecture, reading, workload)

    def _workload(self, accelerator: object, workload: dict[str, Any]) -> Workload:
        if accelerator is not None:
            return Workload.of(**workload, accelerator=accelerator)
        own, count = own_accelerators()
        given = workload.keys() & {"tensor_parallel", "pipeline_parallel"}
        devices = {} if given else {"tensor_parallel": count}
        return Workload.of(**workload, **devices, accelerator=own)

    def _report(self, described: DescribedModel, workload: Workload) -> FitReport:
        workload = described.runs(workload)
        resolved, accelerator = described.resolved, workload.accelerator
        if accelerator is None:
            raise WorkloadError("There is no accelerator.", field="accelerator", next_step=_NAME_ONE)
        with config_errors(resolved.model_id, config=resolved.config):
            report = fit(described.architecture, workload, accelerator, model_id=resolved.model_id)
        # its options are the recommendations: others would name other accelerators
        memory = replace(
            report.memory,
            model_id=resolved.model_id,
            config_source=resolved.source,
            notices=resolved.notices,
        )
        return replace(report, memory=memory)


_NAME_ONE = "Name one, as in accelerator='RTX 4090'."


def own_accelerators() -> tuple[Accelerator, int]:
    """What this machine has: its largest accelerator, and how many of the same kind.

    Raises:
        WorkloadError: It has none.
    """
    from budsim_widgets.hardware.detection import detect_accelerators  # noqa: PLC0415 - only who asks for this machine

    found = [one.accelerator for one in detect_accelerators()]
    if not found:
        raise WorkloadError("This machine has no accelerator.", field="accelerator", next_step=_NAME_ONE)
    largest = max(found, key=lambda one: one.usable_bytes)
    return largest, found.count(largest)
