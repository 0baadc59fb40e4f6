"""How many labels a classifier tells apart, as transformers reads it from a config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL_LABELS: Final = 2
_OTHER_LABELS: Final = {"bart": 3, "openai_privacy_filter": 33}
"""Labels of a config that names none, where its class declares another number than most."""


def num_labels(fields: Mapping[str, Any]) -> int:
    """The number of labels: `num_labels`, else as many as `id2label` names, else two.

    Source: `PreTrainedConfig.__post_init__` and its setter of `num_labels`, transformers/configuration_utils.py.

    Raises:
        ConfigError: `FIELD_TYPE` or `FIELD_RANGE`, for values from which no classifier is built; `INCONSISTENT`, for
            one label where `problem_type` asks for several.

    Example:
        >>> num_labels({"id2label": {"0": "a", "1": "b", "2": "c"}}), num_labels({"num_labels": 5}), num_labels({})
        (3, 5, 2)
    """
    count = _count(fields)
    if count == 1 and fields.get("problem_type") == "single_label_classification":
        message = "`problem_type` is single_label_classification, which needs more than one label."
        raise ConfigError("INCONSISTENT", message, field="problem_type")
    return count


def _count(fields: Mapping[str, Any]) -> int:
    given, labels = fields.get("num_labels"), fields.get("id2label")
    if given is not None:
        if type(given) is not int:
            raise ConfigError("FIELD_TYPE", "`num_labels` must be a whole number.", field="num_labels")
        if given < 1:
            raise ConfigError("FIELD_RANGE", "A classifier has one label or more.", field="num_labels")
        return given
    if labels is None:
        return _OTHER_LABELS.get(str(fields.get("model_type")), _USUAL_LABELS)
    if not isinstance(labels, dict) or not all(str(key).isdecimal() for key in labels):
        raise ConfigError("FIELD_TYPE", "`id2label` must be an object of numbers and names.", field="id2label")
    if not labels:
        raise ConfigError("FIELD_RANGE", "`id2label` names no label.", field="id2label")
    return len(labels)
