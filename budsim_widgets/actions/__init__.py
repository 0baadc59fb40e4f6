"""What the package does, for Python, the panel and HTTP alike.

`Actions` works on one resolver; the functions of the same names use one that is shared by the whole process.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from budsim_widgets.actions.session import DEFAULT_SEQ_LENGTHS, Actions

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence

    from budsim_widgets.actions.difference import ConfigDifference
    from budsim_widgets.actions.saved_config import SavedConfig
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.memory import AnalysisReport, ComparisonReport, MemoryReport
    from budsim_widgets.resolver import Model, ResolvedConfig
    from budsim_widgets.schemas import ConfigCheckResponse, ConfigSubmitResponse, ValidateModelResponse
    from budsim_widgets.sharing.summaries import ShareSummary, SyncSummary
    from budsim_widgets.store import ImportSummary
    from budsim_widgets.verification.verify import Verification

__all__ = [
    "Actions",
    "analyze",
    "architecture",
    "calculate",
    "check_config",
    "compare",
    "config_difference",
    "config_history",
    "default_actions",
    "export_configs",
    "forget_config",
    "get_config",
    "import_configs",
    "restore_config",
    "saved_configs",
    "share",
    "submit_config",
    "sync",
    "validate",
    "verify_configs",
]


@cache
def default_actions() -> Actions:
    """The actions that the whole process shares: the user's own store, and the Hub."""
    return Actions()


def validate(model: Model) -> ValidateModelResponse:
    """Whether a model can be calculated; see `Actions.validate`."""
    return default_actions().validate(model)


def get_config(model: Model, *, use_saved: bool = True) -> ResolvedConfig:
    """The config of a model and where it came from; see `Actions.get_config`."""
    return default_actions().get_config(model, use_saved=use_saved)


def architecture(model: Model) -> Architecture:
    """What a model's config builds; see `Actions.architecture`."""
    return default_actions().architecture(model)


def calculate(  # noqa: PLR0913 - the parameters of a workload, so that a notebook completes them
    model: Model,
    *,
    batch_size: int = 1,
    seq_length: int = 2048,
    precision: str = "auto",
    kv_cache_precision: str = "auto",
    engine: str = "transformers",
    tensor_parallel: int = 1,
    pipeline_parallel: int = 1,
) -> MemoryReport:
    """The memory that a model takes under a workload.

    Args:
        model: A Hub id or URL, a config dict, or a path to a config file.
        batch_size: Sequences at once.
        seq_length: Tokens of each, prompt and answer together.
        precision: Format of the weights: `auto` (the config's own), `fp32`, `bf16`, `fp16`, `fp8`, `int8`, `int4`.
        kv_cache_precision: Format of keys and values.
        engine: `transformers` or `vllm`.
        tensor_parallel: Devices that share each layer.
        pipeline_parallel: Groups of devices that the layers are dealt out to.

    Raises:
        WorkloadError: A parameter is out of range.
        GatedModelError: The model is gated: paste its config, with `submit_config` or in a `MemoryPanel`.
        ModelIdError, HubError, ConfigError, StoreError: As of `Resolver.resolve`.
    """
    return default_actions().calculate(
        model,
        batch_size=batch_size,
        seq_length=seq_length,
        precision=precision,
        kv_cache_precision=kv_cache_precision,
        engine=engine,
        tensor_parallel=tensor_parallel,
        pipeline_parallel=pipeline_parallel,
    )


def analyze(model: Model, *, seq_lengths: Sequence[int] = DEFAULT_SEQ_LENGTHS, **workload: Any) -> AnalysisReport:
    """How the memory of a model grows with the context; see `Actions.analyze`."""
    return default_actions().analyze(model, seq_lengths=seq_lengths, **workload)


def compare(models: Iterable[Model], **workload: Any) -> ComparisonReport:
    """The memory of several models under one workload; see `Actions.compare`."""
    return default_actions().compare(models, **workload)


def submit_config(model_id: str, config: Mapping[str, Any] | str | bytes) -> ConfigSubmitResponse:
    """Checks a pasted config and keeps it for a model; see `Actions.submit_config`."""
    return default_actions().submit_config(model_id, config)


def check_config(model_id: str) -> ConfigCheckResponse:
    """Whether a pasted config is kept for a model; see `Actions.check_config`."""
    return default_actions().check_config(model_id)


def saved_configs() -> tuple[SavedConfig, ...]:
    """The kept configs of all models; see `Actions.saved_configs`."""
    return default_actions().saved_configs()


def config_history(model_id: str) -> tuple[SavedConfig, ...]:
    """The kept config of a model and the earlier ones; see `Actions.config_history`."""
    return default_actions().config_history(model_id)


def config_difference(model_id: str, old_version: int, new_version: int | None = None) -> ConfigDifference:
    """What changed between two versions of a model's config; see `Actions.config_difference`."""
    return default_actions().config_difference(model_id, old_version, new_version)


def restore_config(model_id: str, version: int) -> SavedConfig:
    """Makes an earlier config of a model count again; see `Actions.restore_config`."""
    return default_actions().restore_config(model_id, version)


def forget_config(model_id: str) -> bool:
    """Forgets the kept config of a model with its history; see `Actions.forget_config`."""
    return default_actions().forget_config(model_id)


def export_configs(path: str | os.PathLike[str], *, model_ids: Iterable[str] | None = None) -> int:
    """Writes the kept configs with their history to a JSON file; see `Actions.export_configs`."""
    return default_actions().export_configs(path, model_ids=model_ids)


def import_configs(source: str | os.PathLike[str] | bytes, *, contributor: str | None = None) -> ImportSummary:
    """Merges exported configs into the kept ones; see `Actions.import_configs`."""
    return default_actions().import_configs(source, contributor=contributor)


def verify_configs(model_ids: Iterable[str] | None = None) -> tuple[Verification, ...]:
    """Compares kept configs with what the Hub publishes; see `Actions.verify_configs`."""
    return default_actions().verify_configs(model_ids)


def share(repo_id: str, *, model_ids: Iterable[str] | None = None, as_pull_request: bool = False) -> ShareSummary:
    """Puts kept configs into a team's data set repository; see `Actions.share`."""
    return default_actions().share(repo_id, model_ids=model_ids, as_pull_request=as_pull_request)


def sync(repo_id: str) -> SyncSummary:
    """Merges a team's configs into the kept ones; see `Actions.sync`."""
    return default_actions().sync(repo_id)
