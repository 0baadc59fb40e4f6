"""The fields of the workload: what is run, in which formats, how long and how many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from traitlets import link

from budsim_widgets.engines import ENGINES, LlamaCpp
from budsim_widgets.panel.frontend import ContextSlider, NumberField
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.inputs.parts import choice, field_layout, number, offer, row
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from budsim_widgets.engines import Workload

_ALL_LAYERS: Final = 999
"""What people write for all layers (`-ngl 999`)."""


class WorkloadFields:
    """The widgets; those that belong to one engine alone show with it.

    Args:
        workload: What stands in them.
    """

    def __init__(self, workload: Workload) -> None:
        engine = workload.engine
        self.engine = choice(tr("Engine"), ENGINES, engine.name, tr("The program that runs the model (engine)"))
        self._engines = {**ENGINES, engine.name: engine}
        self.precision = choice(
            tr("Precision"),
            engine.weight_precisions,
            workload.precision,
            tr("How each weight is stored: fewer bits, less memory. auto: as the config says (precision)"),
        )
        self.kv_cache_precision = choice(
            tr("KV cache precision"),
            engine.cache_precisions,
            workload.kv_cache_precision,
            tr("How what was read is kept: fewer bits, longer contexts. auto: as the engine does (kv_cache_precision)"),
        )
        self.batch_size = number(
            tr("Batch size"), "batch_size", workload.batch_size, tr("How many users or requests at once (batch_size)")
        )
        self.seq_length = number(
            tr("Context length"),
            "seq_length",
            workload.seq_length,
            tr("How long each text with its answer may be, in tokens (seq_length)"),
            step=1024,
        )
        self.context_slider = ContextSlider(workload.seq_length)
        link((self.context_slider, "value"), (self.seq_length, "value"))
        llama_cpp = engine if isinstance(engine, LlamaCpp) else LlamaCpp()
        self.gpu_layers = _layer_count(
            tr("Layers on the GPU"),
            _ALL_LAYERS if llama_cpp.gpu_layers == "all" else llama_cpp.gpu_layers,
            tr("As --n-gpu-layers counts them, the output as one more; {all_layers}: all", all_layers=_ALL_LAYERS),
        )
        self.cpu_moe_layers = _layer_count(
            tr("Experts in RAM"), llama_cpp.cpu_moe_layers, tr("Layers whose experts stay in RAM (--n-cpu-moe)")
        )
        self.placement = row([self.gpu_layers, self.cpu_moe_layers])
        self.show_placement()
        self.engine.observe(self._offer_precisions, names="value")
        self.engine.observe(lambda _: self.show_placement(), names="value")

    @property
    def all(self) -> tuple[Any, ...]:
        """The fields; the slider is the same as its number."""
        return (
            *(self.batch_size, self.seq_length, self.precision, self.kv_cache_precision),
            *(self.engine, self.gpu_layers, self.cpu_moe_layers),
        )

    @property
    def field_of(self) -> dict[str, Any]:
        """The fields that an option may change, by its parameter."""
        return {
            "batch_size": self.batch_size,
            "seq_length": self.seq_length,
            "precision": self.precision,
            "kv_cache_precision": self.kv_cache_precision,
            "gpu_layers": self.gpu_layers,
            "cpu_moe_layers": self.cpu_moe_layers,
        }

    def chosen_engine(self) -> str | dict[str, Any]:
        """The name of the engine, with those of its settings that aren't the usual ones."""
        name = self.engine.value
        engine = self._engines[name]
        if name == LlamaCpp.name:
            layers = self.gpu_layers.value
            engine = engine.with_settings(
                gpu_layers="all" if layers == _ALL_LAYERS else layers, cpu_moe_layers=self.cpu_moe_layers.value
            )
        usual = ENGINES[name].to_dict()
        settings = {key: value for key, value in engine.to_dict().items() if value != usual[key]}
        return {"name": name, **settings} if settings else str(name)

    def show_placement(self, *, is_run: bool = True) -> None:
        """Only llama.cpp leaves a part of a model to the CPU, and only where the model is run."""
        self.placement.layout.display = SHOWN if is_run and self.engine.value == LlamaCpp.name else "none"

    def _offer_precisions(self, _: object) -> None:
        """Those that the chosen engine runs; one that it doesn't becomes `auto`."""
        engine = ENGINES[self.engine.value]
        offer(self.precision, engine.weight_precisions)
        offer(self.kv_cache_precision, engine.cache_precisions)


def _layer_count(label: str, value: int, tooltip: str) -> NumberField:
    return NumberField(value, min=0, max=_ALL_LAYERS, description=label, tooltip=tooltip, layout=field_layout())
