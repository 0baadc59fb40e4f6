"""What the blocks of a model are read with: how it is trained, its config, and what its code is known to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from budsim_widgets.data import load_table
from budsim_widgets.engines.layer_widths import ACTIVATION_FIELDS
from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.training.kept import Linear, Rules, linear_children, norm_width

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import Module


@dataclass(frozen=True)
class Reading:
    """How the blocks of a model's layers are read.

    Attributes:
        rules: How the model is trained.
        config: The text model's config.
        model_types: Its types: of the text's part and of the whole.
        hidden_size: Width of the residual stream.
        stored_in_out: Whether linear layers are stored as [in, out].
    """

    rules: Rules
    config: Mapping[str, Any]
    model_types: tuple[str, ...]
    hidden_size: int
    stored_in_out: bool

    @classmethod
    def of(cls, architecture: Architecture, rules: Rules, hidden_size: int) -> Reading:
        """How a model is read."""
        config = architecture.text_config
        types = (str(config.get("model_type", "")), architecture.model_type)
        is_in_out = architecture.model_type in load_table("weights")["stored_in_out"]
        return cls(rules, config, types, hidden_size, is_in_out)

    def linears(self, part: Module, prefix: str) -> list[Linear]:
        """The linear layers directly in a module."""
        return linear_children(part, prefix, stored_in_out=self.stored_in_out)

    def is_capped(self, field: str, table: str) -> bool:
        """Whether scores or logits pass a tanh: as the config says, else as its class does."""
        return bool(self.config[field]) if field in self.config else self.does(table)

    def does(self, table: str) -> bool:
        """Whether a table of what code does names one of the model's types."""
        names = load_table("training")[table]
        return any(name in names for name in self.model_types)

    def activation(self) -> tuple[float, bool]:
        """(copies that the activation function keeps beside its input, whether it keeps its result instead)."""
        table = load_table("training")
        given = (self.config.get(field) for field in ACTIVATION_FIELDS)
        tabled = load_table("activations")["model_types"]
        defaults = {name: row["activation"] for name, row in tabled.items() if "activation" in row}
        defaults |= table["default_activations"]
        default = next((defaults[name] for name in self.model_types if name in defaults), None)
        name = next((name for name in given if name), default)
        copies = 0 if self.rules.has_own_layers else table["extra_activation_copies"].get(name, 0)
        return float(copies), name in table["relu_like"]

    def norms(self, part: Module, prefix: str, widths: Mapping[str, int]) -> float:
        """The norms of a block; those of queries and keys run over all heads, whatever the size of their weight."""
        kept = 0.0
        for name, child in part.children.items():
            found = norm_width(child)
            if found:
                width = next((size for start, size in widths.items() if name.startswith(start)), found[0])
                each = self.rules.norm(f"{prefix}.{name}", width, has_bias=found[1])
                heads = width // found[0] if found[0] else 1
                kept += each + FP32_BYTES * (heads - 1)
        return kept
