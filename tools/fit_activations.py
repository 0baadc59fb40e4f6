"""Finds which model types hold more in a forward pass than the rules of `data/activations.json` say.

    python tools/fit_activations.py MEASURED.jsonl

reads what `measure_activations.py` wrote for every class's default config (batch 1; 512, 2,048 and 8,192
tokens), and writes the exceptions into the table. An exception says what is held, so that it scales with other widths.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from budsim_widgets import data
from budsim_widgets.architectures import Architecture, build
from budsim_widgets.data import load_table
from budsim_widgets.engines.layer_widths import ACTIVATION_FIELDS, LayerWidths, layer_widths
from budsim_widgets.engines.peak import layer_peak
from budsim_widgets.errors import ConfigError

TABLE = Path(data.__file__).parent / "activations.json"
SHORT = 512
TOLERANCE = 0.02
ID_NUMBERS = 4


@dataclass
class Fit:
    """One model type: what was measured, in 16-bit numbers a token, and the exceptions found so far."""

    architecture: Architecture
    attention: str
    measured: dict[int, float]
    found: dict[str, Any]

    def widths(self) -> LayerWidths:
        """The widths with the exceptions found so far."""
        load_table("activations")["model_types"][self.architecture.model_type] = self.found
        layer_widths.cache_clear()
        return layer_widths(self.architecture)

    def error(self, length: int) -> float:
        """How far the estimate for a length is off; above 0 where it is too large."""
        return (layer_peak(self.widths(), 1, length) / length + ID_NUMBERS) / self.measured[length] - 1

    @property
    def worst(self) -> float:
        """The largest error of all lengths."""
        return max(abs(self.error(length)) for length in self.measured)

    def try_out(self, **exception: Any) -> bool:
        """Keeps an exception if it makes the worst error clearly smaller."""
        before, kept = self.worst, dict(self.found)
        self.found.update(exception)
        if self.worst < before - TOLERANCE / 2:
            return True
        self.found.clear()
        self.found.update(kept)
        return False


def fit(found: Fit) -> None:
    """Finds the exceptions of one model type."""
    if len(found.measured) > 1:
        fit_scores(found)
    if found.worst > TOLERANCE:
        found.try_out(routing="fp32")
    widths = found.widths()
    rest = found.measured[SHORT] - ID_NUMBERS - widths.rotary
    if found.worst > TOLERANCE and widths.recurrent:
        states = widths.recurrent / load_table("activations")["rules"]["state_copies"]
        found.try_out(state_copies=round(rest / states, 2))
    in_scores = widths.score_heads * SHORT + (2 * SHORT if widths.score_heads else 0)
    if found.error(SHORT) < -TOLERANCE:
        found.try_out(floor_copies=round((rest - in_scores) / widths.hidden, 2))
    elif found.error(SHORT) > TOLERANCE:
        found.try_out(stream_copies=round(max(rest - in_scores - widths.feed_forward, 0) / widths.hidden, 2))


def fit_scores(found: Fit) -> None:
    """Masks and scores: what grows with the square of the length."""
    *_, long, longest = sorted(found.measured)
    slope = (found.measured[longest] - found.measured[long]) / (longest - long)
    if 1 / 4 < slope < 1 and found.error(longest) < -TOLERANCE / 4:
        found.try_out(mask="always")
    if slope > 2:  # noqa: PLR2004 - more than masks
        heads = (
            Fit(found.architecture, "", found.measured, {**found.found, "attention": "eager"}).widths().score_heads or 1
        )
        found.try_out(attention="eager", score_copies=round((slope - 2) / heads, 2))


def read(path: str) -> dict[str, Fit]:
    """The measured model types; of several classes the first."""
    fits: dict[str, Fit] = {}
    for line in Path(path).read_text("utf-8").splitlines():
        row = json.loads(line)
        if "error" in row:
            continue
        known = fits.get(row["model_type"]) or new_fit(row)
        if known is not None and known.architecture.architecture == row["model"]:
            fits[row["model_type"]] = known
            known.measured[row["seq_length"]] = row["activation_bytes"] / row["seq_length"] / 2
    return fits


def new_fit(row: dict[str, Any]) -> Fit | None:
    """The start for a model type, or None where its parts aren't described."""
    try:
        architecture = build(row["config"])
    except ConfigError:
        return None
    if architecture.basis != "exact":
        return None
    given = next((row["config"][name] for name in ACTIVATION_FIELDS if row["config"].get(name)), None)
    is_special = given in load_table("activations")["rules"]["activation_copies"]
    return Fit(architecture, row["attention"], {}, {"activation": given} if is_special else {})


def main() -> None:
    """Writes the table."""
    table = load_table("activations")
    table["model_types"].clear()
    exceptions = {}
    for model_type, found in sorted(read(sys.argv[1]).items()):
        before = found.worst
        fit(found)
        print(f"{model_type:24} {before:7.1%} -> {found.worst:6.1%} {found.found}")  # noqa: T201 - the report
        if found.found:
            exceptions[model_type] = found.found
    head = {"source": table["source"], "rules": table["rules"]}
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in exceptions.items())
    text = json.dumps(head, indent=1).removesuffix("\n}") + ',\n "model_types": {\n' + rows + "\n }\n}\n"
    TABLE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
