"""The actions, on one resolver."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, SupportsIndex

from budsim_widgets.actions.model_cache import DescribedModels
from budsim_widgets.actions.reports import DEFAULT_SEQ_LENGTHS, analysis_of, comparison_of, lengths_of, report_of
from budsim_widgets.actions.saved_actions import SavedConfigActions
from budsim_widgets.engines import Workload
from budsim_widgets.resolver import Resolver

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from budsim_widgets.actions.fit_actions import FitActions
    from budsim_widgets.actions.sweep_actions import SweepActions
    from budsim_widgets.actions.team import Team
    from budsim_widgets.actions.training_actions import TrainingActions
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Engine
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import AnalysisReport, ComparisonReport, MemoryReport
    from budsim_widgets.resolver import Model, ResolvedConfig
    from budsim_widgets.schemas import ConfigCheckResponse, ConfigSubmitResponse, ValidateModelResponse


class Actions:
    """The actions, on one resolver.

    Args:
        resolver: Where configs come from; None: the user's own store and the Hub.

    Attributes:
        saved: What is done with the configs that are kept.
    """

    def __init__(self, resolver: Resolver | None = None) -> None:
        self.resolver = resolver or Resolver()
        self.saved = SavedConfigActions(self.resolver)
        self._models = DescribedModels(self.resolver)

    @cached_property
    def fitting(self) -> FitActions:
        """What fits on an accelerator; loaded by whoever asks for it."""
        from budsim_widgets.actions.fit_actions import FitActions  # noqa: PLC0415 - as the docstring says

        return FitActions(self._models)

    @cached_property
    def sweeps(self) -> SweepActions:
        """Many combinations at once; loaded by whoever asks for them."""
        from budsim_widgets.actions.sweep_actions import SweepActions  # noqa: PLC0415 - as the docstring says

        return SweepActions(self._models)

    @cached_property
    def team(self) -> Team:
        """What is done with the configs of a team; loaded by whoever has one."""
        from budsim_widgets.actions.team import Team  # noqa: PLC0415 - as the docstring says

        return Team(self.resolver, self.saved)

    @cached_property
    def training(self) -> TrainingActions:
        """What fine-tuning takes; loaded by whoever asks for it."""
        from budsim_widgets.actions.training_actions import TrainingActions  # noqa: PLC0415 - as the docstring says

        return TrainingActions(self._models)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        # `bw.calculate` can be sent to a pool of processes: there it is the one of that process.
        return (default_actions, ()) if self is default_actions() else super().__reduce_ex__(protocol)

    def without_file_paths(self) -> Actions:
        """The same store and Hub, where a text that a person typed never names a file."""
        return Actions(self.resolver.without_file_paths())

    def validate(self, model: Model) -> ValidateModelResponse:
        """Whether a model can be calculated; never raises for a bad one."""
        from budsim_widgets.actions.checks import validated  # noqa: PLC0415 - a calculation needs no pydantic

        return validated(self._models, model)

    def get_config(self, model: Model, *, use_saved: bool = True) -> ResolvedConfig:
        """The config of a model and where it came from; errors as of `Resolver.resolve`."""
        return self.resolver.resolve(model, use_saved=use_saved)

    def architecture(self, model: Model) -> Architecture:
        """What a model's config builds: its tensors, its parameters and what it caches."""
        return self._models.get(model).architecture

    def calculate(  # noqa: PLR0913 - the parameters of a workload, so that a notebook completes them
        self,
        model: Model,
        *,
        batch_size: int = 1,
        seq_length: int = 2048,
        precision: str = "auto",
        kv_cache_precision: str = "auto",
        engine: str | Engine = "transformers",
        tensor_parallel: int = 1,
        pipeline_parallel: int = 1,
        accelerator: str | Accelerator | None = None,
        **unknown: Any,
    ) -> MemoryReport:
        """The memory that a model takes under a workload.

        Args:
            model: A Hub id or URL, a config dict, or a path to a config file.
            batch_size: Sequences at once.
            seq_length: Tokens of each, prompt and answer together.
            precision: Format of the weights: `auto` (the config's own), `bf16`, `fp8` …, as the engine has them.
            kv_cache_precision: Format of keys and values.
            engine: What runs the model: a name such as `vllm`, or an engine with its settings.
            tensor_parallel: Devices that share each layer.
            pipeline_parallel: Pipeline stages that the layers are divided over.
            accelerator: What it runs on, such as `4090` or `2x3090`, for an engine that chooses by it.
            unknown: None; a misspelt name is refused with the one that it may stand for.

        Raises:
            WorkloadError: A parameter is unknown or out of range.
            GatedModelError: The model is gated: paste its config, with `submit_config` or in a `MemoryPanel`.
            ModelIdError, HubError, ConfigError, StoreError: As of `Resolver.resolve`.

        Example:
            >>> config = {"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
            ...     "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
            >>> Actions().calculate(config, seq_length=8192, precision="bf16").kv_cache_bytes
            1073741824
        """
        workload = Workload.of(
            batch_size=batch_size,
            seq_length=seq_length,
            precision=precision,
            kv_cache_precision=kv_cache_precision,
            engine=engine,
            tensor_parallel=tensor_parallel,
            pipeline_parallel=pipeline_parallel,
            accelerator=accelerator,
            **unknown,
        )
        return report_of(self._models.get(model), workload)

    def analyze(
        self, model: Model, *, seq_lengths: Sequence[int] = DEFAULT_SEQ_LENGTHS, **workload: Any
    ) -> AnalysisReport:
        """How the memory of a model grows with the context.

        Args:
            model: As of `calculate`.
            seq_lengths: Lengths in tokens; of the default ones, those beyond the model's own limit are left out.
            workload: Fields of `Workload` but `seq_length`.

        Raises:
            WorkloadError: No length, or a parameter is unknown or out of range.
        """
        workloads = lengths_of(seq_lengths, **workload)
        return analysis_of(self._models.get(model), workloads, within_limit=seq_lengths is DEFAULT_SEQ_LENGTHS)

    def compare(self, models: Model | Iterable[Model], **workload: Any) -> ComparisonReport:
        """The memory of several models under one workload, those that failed with why.

        Raises:
            WorkloadError: A parameter is unknown or out of range; a model that fails is a row, not an error.
        """
        return comparison_of(self._models, models, Workload.of(**workload))

    def submit_config(self, model_id: str, config: Mapping[str, Any] | str | bytes) -> ConfigSubmitResponse:
        """Checks a pasted config and keeps it for a model; a refusal is an answer, not an error.

        Args:
            model_id: The Hub id or URL of the model.
            config: A dict, pasted text, or the bytes of a file.

        Example:
            >>> Actions().submit_config("org/model", '{"hidden_size": 64').details["code"]
            'TRUNCATED'
        """
        return self._submit(model_id, config)

    def use_base_config(self, model_id: str, base_model: str | None = None) -> ConfigSubmitResponse:
        """Keeps the config of another model for a repository that has none, such as one of GGUF files alone.

        Args:
            model_id: The repository.
            base_model: The model that it was made from; None: the one that the repository names.

        Raises:
            GatedModelError: The other model is gated: paste its config for this one.
            NoConfigError: The repository names no model.
            ModelIdError, HubError, ConfigError, StoreError: As of `Resolver.resolve`.

        Example:
            >>> bw.use_base_config("bartowski/Qwen2.5-7B-Instruct-GGUF").success    # doctest: +SKIP
            True
        """
        from budsim_widgets.actions.submission import base_config  # noqa: PLC0415 - a calculation needs no pydantic

        base = base_config(self.resolver, model_id, base_model)
        return self._submit(model_id, base.config, copied_from=base.model_id)

    def public_copies(self, model_id: str) -> tuple[str, ...]:
        """Public models that were made from a gated one and have as many parameters: `use_base_config` takes a config.

        Raises:
            ModelIdError: The text is no model's id.
            HubError: The Hub gave nothing.
        """
        return self.resolver.hub.fetch_public_copies(model_id)

    def check_config(self, model_id: str) -> ConfigCheckResponse:
        """Whether a pasted config is kept for a model.

        Raises:
            ModelIdError: The text is no model's id.
        """
        from budsim_widgets.actions.checks import kept_config  # noqa: PLC0415 - a calculation needs no pydantic

        return kept_config(self.resolver, model_id)

    def _submit(self, model_id: str, config: Any, *, copied_from: str | None = None) -> ConfigSubmitResponse:
        from budsim_widgets.actions.submission import submit  # noqa: PLC0415 - a calculation needs no pydantic

        response = submit(self.resolver, model_id, config, copied_from=copied_from)
        if response.success:
            self.saved.compare_later(response)
        return response


@cache
def default_actions() -> Actions:
    """The actions that the whole process shares: the user's own store, and the Hub."""
    return Actions()
