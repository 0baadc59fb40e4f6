"""The fields that name models: the one that is asked about, and those to compare."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ipywidgets import Combobox, Layout, Textarea

from budsim_widgets.panel.inputs.parts import button, refuse_secrets_in
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEPARATORS: Final = re.compile(r"[\s,;]+")


class ModelFields:
    """The widgets, unconnected.

    Args:
        model: What stands in the field of the model.
        compare: What stands in the field of models to compare.
        suggestions: Ids that complete what is typed.
    """

    def __init__(self, model: str, compare: Iterable[str], suggestions: Iterable[str]) -> None:
        self.model = Combobox(
            value=model,
            options=tuple(suggestions),
            description=tr("Model"),
            placeholder=tr("owner/name of a model on the Hub, or its address"),
            tooltip=tr("A Hugging Face id or address; Enter calculates"),
            # sent once, when the field is left, and not with each key
            continuous_update=False,
            layout=Layout(width="auto"),
        )
        self.compare = Textarea(
            "\n".join(compare),
            description=tr("Models to compare"),
            placeholder=tr("owner/name, one a line"),
            tooltip=tr("Ids, separated by commas or new lines"),
            continuous_update=False,
            rows=1,
            layout=Layout(width="auto", flex="1 1 260px"),
        )
        self.start_comparing = button(tr("Compare models"), tr("Each of them with the numbers above"))

    def safe_model(self) -> str:
        """The model in the field.

        Raises:
            ModelIdError: It is an access token; the field is emptied, since its text is saved with the notebook.
        """
        model: str = self.model.value.strip()
        refuse_secrets_in(self.model, [model], "model")
        return model

    def safe_models_to_compare(self) -> tuple[str, ...]:
        """The ids in the field, each once.

        Raises:
            ModelIdError: One is an access token; the field is emptied.
        """
        models = self.models_to_compare()
        refuse_secrets_in(self.compare, models, "models")
        return models

    def refuse_secrets(self) -> None:
        """Looks at both fields.

        Raises:
            ModelIdError: An access token stands in one; it is emptied.
        """
        self.safe_model()
        self.safe_models_to_compare()

    def models_to_compare(self) -> tuple[str, ...]:
        """The ids in the field, each once, whatever they are."""
        return tuple(dict.fromkeys(filter(None, _SEPARATORS.split(self.compare.value))))
