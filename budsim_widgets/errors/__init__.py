"""Every error that the package raises, in one tree.

    BudsimError
    ├── ModelIdError (ValueError)         the text is not the id of a model
    ├── WorkloadError (ValueError)        a parameter of the calculation is out of range
    ├── LanguageError (ValueError)        nobody has translated the panel into this language
    ├── HubError
    │   ├── GatedModelError               the model's files are open to some accounts only
    │   ├── ModelNotFoundError            no such model, or a private one
    │   ├── RevisionNotFoundError         the model exists, the revision doesn't
    │   ├── TokenError                    the access token is invalid or lacks a permission
    │   ├── NoConfigError                 the repository holds no config.json
    │   ├── ModelDisabledError            taken down by the Hub
    │   ├── RegionError                   not served in this region
    │   ├── RateLimitError                too many requests; `.retry_after_seconds`
    │   ├── TeamStoreError                a team's dataset repository can't be used; `.repo_id`
    │   │   ├── TeamIdError (ValueError)  the text is not the id of a dataset
    │   │   ├── TeamNotFoundError         no such dataset, or a private one
    │   │   ├── TeamAccessError           this account may not do that there
    │   │   ├── TeamConflictError         others kept changing it meanwhile
    │   │   └── TeamStoppedError          the person stopped it
    │   └── HubUnavailableError           down, unreachable, too slow, or not a Hub
    │       └── HubOfflineError           offline mode, or no network
    ├── ConfigError (ValueError)          a config that can't be used; `.code` is intake's finer code
    └── StoreError (OSError)              the store of configs can't be read or written

Each carries what a person needs (`message`, `next_step`) and what a program needs (`error_code`, `model_id`).
"""

from __future__ import annotations

from budsim_widgets.errors.base import (
    BudsimError,
)
from budsim_widgets.errors.configs import (
    ConfigError,
    StoreError,
)
from budsim_widgets.errors.hub import (
    GatedModelError,
    HubError,
    HubOfflineError,
    HubUnavailableError,
    ListedGguf,
    ModelDisabledError,
    ModelNotFoundError,
    NoConfigError,
    RateLimitError,
    RegionError,
    RevisionNotFoundError,
    TokenError,
)
from budsim_widgets.errors.parameters import (
    LanguageError,
    ModelIdError,
    WorkloadError,
)
from budsim_widgets.errors.team import (
    TeamAccessError,
    TeamConflictError,
    TeamIdError,
    TeamNotFoundError,
    TeamStoppedError,
    TeamStoreError,
)

__all__ = [
    "BudsimError",
    "ConfigError",
    "GatedModelError",
    "HubError",
    "HubOfflineError",
    "HubUnavailableError",
    "LanguageError",
    "ListedGguf",
    "ModelDisabledError",
    "ModelIdError",
    "ModelNotFoundError",
    "NoConfigError",
    "RateLimitError",
    "RegionError",
    "RevisionNotFoundError",
    "StoreError",
    "TeamAccessError",
    "TeamConflictError",
    "TeamIdError",
    "TeamNotFoundError",
    "TeamStoppedError",
    "TeamStoreError",
    "TokenError",
    "WorkloadError",
]
