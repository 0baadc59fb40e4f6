"""What is asked about a model before anything is calculated: whether it can be, and whether its config is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.actions.reports import MAX_NAME_CHARACTERS
from budsim_widgets.errors import BudsimError, HubError
from budsim_widgets.printable import shortened
from budsim_widgets.schemas import ConfigCheckResponse, ValidateModelResponse

if TYPE_CHECKING:
    from budsim_widgets.actions.model_cache import DescribedModels
    from budsim_widgets.resolver import Model, Resolver


def validated(models: DescribedModels, model: Model) -> ValidateModelResponse:
    """Whether a model can be calculated, else what stands in the way; an answer, never an error."""
    try:
        described = models.get(model)
    except BudsimError as error:
        return ValidateModelResponse(
            valid=False,
            error=str(error),
            error_code=error.error_code,
            model_id=error.model_id or (shortened(model, MAX_NAME_CHARACTERS) if isinstance(model, str) else None),
            requires_config=isinstance(error, HubError) and error.can_paste,
        )
    return ValidateModelResponse(valid=True, model_id=described.resolved.model_id)


def kept_config(resolver: Resolver, model_id: str) -> ConfigCheckResponse:
    """Whether a pasted config is kept for a model.

    Raises:
        ModelIdError: The text is no model's id.
    """
    canonical = resolver.model_id(model_id)
    stored = resolver.store.get(canonical)
    if stored is None:
        return ConfigCheckResponse(has_config=False, model_id=canonical)
    return ConfigCheckResponse(
        has_config=True,
        model_id=stored.model_id,
        submitted_at=stored.submitted_at,
        is_verified=stored.is_verified,
    )
