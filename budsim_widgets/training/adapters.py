"""The adapters of LoRA: which tensors the targets match, and how many parameters that makes.

Source: PEFT 0.21: `check_target_module_exists`, `_maybe_include_all_linear_layers` (tuners/tuners_utils.py),
`LoraLayer` and `ParamWrapper` (tuners/lora/layer.py), `_convert_peft_config_moe`
(utils/transformers_weight_conversion.py), `_set_trainable` (utils/other.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.data import load_table
from budsim_widgets.engines.names import nearest
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import shortened
from budsim_widgets.training.modules import TargetModule, modules_of
from budsim_widgets.training.saved_modules import SHOWN_NAMES, shown_names, trained_modules
from budsim_widgets.training.values import ALL_LINEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.training.settings import TrainingSettings


class Adapter(NamedTuple):
    """The adapters of the layers' modules of one name.

    Attributes:
        module: What they are put on.
        rank: Their rank.
        num_parameters: Parameters of all of them.
    """

    module: TargetModule
    rank: int
    num_parameters: int


@dataclass(frozen=True)
class Adapters:
    """What is trained beside a frozen model.

    Attributes:
        adapters: The low-rank adapters.
        trained_modules: Modules of which a copy is trained whole (`modules_to_save`), with their parameters.
        basis: Whether PEFT is known to make exactly these.
    """

    adapters: tuple[Adapter, ...] = ()
    trained_modules: tuple[tuple[str, int], ...] = ()
    basis: Basis = "exact"

    @property
    def num_parameters(self) -> int:
        """Parameters of the low-rank adapters."""
        return sum(adapter.num_parameters for adapter in self.adapters)

    @property
    def num_copied_parameters(self) -> int:
        """Parameters of the modules that are trained whole."""
        return sum(size for _, size in self.trained_modules)


def adapters_of(architecture: Architecture, settings: TrainingSettings) -> Adapters:
    """The adapters that PEFT makes of these settings.

    Raises:
        WorkloadError: The targets match nothing, or PEFT doesn't take them; `.field` names the parameter.

    Example:
        Llama-3.1-8B, rank 16 on q_proj and v_proj: 32 layers of 16 x (4096 + 4096) + 16 x (4096 + 1024).

        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.training.settings import TrainingSettings
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> adapters_of(llama, TrainingSettings(lora_targets=("q_proj", "v_proj"))).num_parameters
        6815744
    """
    if not settings.has_adapters:
        return Adapters()
    return _adapters(architecture, settings.lora_targets, settings.lora_rank, settings.modules_to_save)


@kept_with_architecture
def _adapters(
    architecture: Architecture, targets: str | tuple[str, ...], rank: int, modules_to_save: tuple[str, ...]
) -> Adapters:
    modules = modules_of(architecture)
    whole = trained_modules(modules, modules_to_save)
    free = [module for module in modules if not _is_within(module.name, modules_to_save)]
    fused = _moe_names(architecture)
    if targets == ALL_LINEAR:
        chosen = [module for module in modules if module.is_linear and not module.is_head]
        if fused:
            leaves = tuple({module.leaf for module in chosen})
            adapters = list(_with_fused_experts(free, (*leaves, *fused), rank, fused))
        else:
            adapters = [_adapter(module, rank) for module in chosen if module in free]
    else:
        names = tuple(targets)
        adapters = list(_with_fused_experts(free, names, rank, fused) if fused else _named(free, names, rank))
    if not adapters:
        raise _nothing(modules, targets)
    _refuse_unsuitable(architecture, adapters)
    is_shared = architecture.model_type in load_table("training")["shared_layers"]
    return Adapters(tuple(adapters), whole, "estimate" if is_shared else architecture.basis)


def _named(modules: Iterable[TargetModule], names: tuple[str, ...], rank: int) -> Iterator[Adapter]:
    for module in modules:
        if module.matches(names) and not module.is_parameter:
            if not module.can_adapt:
                raise WorkloadError(
                    f"LoRA has no adapter for a module such as {module.name}.",
                    field="lora_targets",
                    next_step="Name linear layers, embeddings or convolutions.",
                )
            yield _adapter(module, rank)


def _with_fused_experts(
    modules: list[TargetModule], names: tuple[str, ...], rank: int, fused: Mapping[str, str]
) -> Iterator[Adapter]:
    """Names of transformers 4 (`gate_proj`, `w1` …) mean the fused parameters of the experts, and nothing else."""
    parameters: dict[str, set[str]] = {}
    remaining = []
    for name in names:
        old = next((old for old in fused if name == old or name.endswith(f".{old}")), None)
        if old is None:
            remaining.append(name)
        else:
            parameters.setdefault(fused[old], set()).add(old)
    for new, given in parameters.items():
        wanted = {old for old, other in fused.items() if other == new}
        if given != wanted:
            raise WorkloadError(
                f"{', '.join(sorted(given))} is one tensor with {', '.join(sorted(wanted - given))} in this model.",
                field="lora_targets",
                next_step=f"Name both: {', '.join(sorted(wanted))}.",
            )
    yield from _named(modules, tuple(remaining), rank)
    for module in modules:
        for new, given in parameters.items():
            name = module.name if module.is_parameter else f"{module.name}.weight"
            if name == new or name.endswith(f".{new}"):
                yield _adapter(module, rank * len(given))


def _adapter(module: TargetModule, rank: int) -> Adapter:
    return Adapter(module, rank, module.count * module.lora_parameters(rank))


def _is_within(module: str, names: tuple[str, ...]) -> bool:
    return any(f".{name}." in f".{module}." for name in names)


def _moe_names(architecture: Architecture) -> Mapping[str, str]:
    table = load_table("training")
    own = architecture.model_type
    style = next((name for name, types in table["moe_model_types"].items() if own in types), None)
    names: Mapping[str, str] = table["moe_names"][style] if style else {}
    return names


def _refuse_unsuitable(architecture: Architecture, adapters: Iterable[Adapter]) -> None:
    table = load_table("training")["unsuitable"]
    if architecture.model_type not in table["model_types"]:
        return
    for adapter in adapters:
        if adapter.module.leaf in table["modules"]:
            raise WorkloadError(
                f"PEFT puts no adapter on {adapter.module.leaf} of a model with Mamba layers: its kernel reads the "
                "weight itself.",
                field="lora_targets",
                next_step=f"Name the others, such as {shown_names(_other_linear(architecture, table['modules']))}.",
            )


def _other_linear(architecture: Architecture, but: Iterable[str]) -> Iterator[str]:
    found = (module for module in modules_of(architecture) if module.is_linear and not module.is_head)
    return (module.leaf for module in found if module.leaf not in but)


def _nothing(modules: Iterable[TargetModule], targets: str | tuple[str, ...]) -> WorkloadError:
    named = [targets] if isinstance(targets, str) else list(targets)
    linear = list(dict.fromkeys(module.leaf for module in modules if module.is_linear))
    near = nearest(named[0], linear)
    hint = f"Did you mean {near!r}? " if near else ""
    return WorkloadError(
        f"No module of this model is called {shortened(', '.join(map(str, named[:SHOWN_NAMES])), 100)}.",
        field="lora_targets",
        next_step=f"{hint}Its linear layers are {shown_names(linear)}.",
    )
