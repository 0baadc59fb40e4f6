"""What the name of transformers' class tells about a config that was printed or written as a call."""

from __future__ import annotations

from typing import Any

from budsim_widgets.data import load_table
from budsim_widgets.intake.defaults import REQUIRED_FIELDS, declaration


def complete(config: Any, class_name: str, *, is_call: bool) -> tuple[Any, tuple[str, ...]]:
    """The config with the `model_type` of its class and, of a call, with the sizes that it leaves to the class.

    A call says all that Python needs: what it leaves out is what the class declares. A printout writes every field, so
    that a missing one there means a cut-off text, and stays missing.

    Example:
        >>> config, repairs = complete({"hidden_size": 64}, "LlamaConfig", is_call=True)
        >>> config["model_type"], config["num_hidden_layers"], repairs[0]
        ('llama', 32, 'took num_hidden_layers, num_attention_heads and vocab_size from the defaults of LlamaConfig')
    """
    model_type = load_table("config_classes")["types"].get(class_name)
    if not isinstance(config, dict) or model_type is None or config.get("model_type", model_type) != model_type:
        return config, ()
    whole = {"model_type": model_type, **config}
    known = declaration(model_type)
    if not is_call or known is None:
        return whole, ()
    given = {known.aliases.get(name, name) for name in config}
    stored = {name: known.aliases.get(name, name) for name in REQUIRED_FIELDS}
    taken = [name for name in REQUIRED_FIELDS if stored[name] not in given and known.defaults.get(stored[name])]
    whole.update({stored[name]: known.defaults[stored[name]] for name in taken})
    if not taken:
        return whole, ()
    names = " and ".join(filter(None, [", ".join(taken[:-1]), taken[-1]]))
    return whole, (f"took {names} from the defaults of {class_name}",)
