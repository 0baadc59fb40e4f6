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

from typing import Any, ClassVar, Final, NamedTuple

from budsim_widgets.printable import printable

_MAX_FIELD_CHARACTERS: Final = 60


class BudsimError(Exception):
    """What every error of the package has in common.

    Attributes:
        message: What is wrong, for a person; one sentence or two.
        next_step: What to do about it; that of the class, `default_next_step`, where whoever raises it knows no better.
        model_id: The Hub id that it is about, or None.
        error_code: A stable code for programs.
    """

    error_code: ClassVar[str] = "ERROR"
    default_next_step: ClassVar[str] = "Correct what the message names, and try again."

    def __init__(self, message: str, *, next_step: str = "", model_id: str | None = None) -> None:
        # Here, since every text of others that a message repeats comes through here.
        self.message = printable(message)
        self.next_step = printable(next_step).strip() or self.default_next_step
        super().__init__(self.message)
        self.model_id = model_id

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".rstrip()

    def __reduce__(self) -> tuple[Any, ...]:
        # By its attributes: the classes' arguments differ, and a process pool sends errors back pickled.
        return (_blank, (type(self), self.args), self.__dict__)

    def to_dict(self) -> dict[str, Any]:
        """The error as plain JSON values, for a row of a comparison or an answer over HTTP."""
        return {
            "error_code": self.error_code,
            "message": self.message,
            "next_step": self.next_step,
            "model_id": self.model_id,
        }


def _blank(kind: type[BudsimError], args: tuple[Any, ...]) -> BudsimError:
    return kind.__new__(kind, *args)


class ModelIdError(BudsimError, ValueError):
    """The text names no model: a dataset, a page of documentation, a path, or no id at all.

    Attributes:
        field: The parameter that it was given for.
    """

    error_code = "INVALID_MODEL_ID"
    default_next_step = "Type the model's id, for example meta-llama/Llama-3.1-8B."

    def __init__(self, message: str, *, field: str = "model", **details: Any) -> None:
        super().__init__(message, **details)
        self.field = field


class WorkloadError(BudsimError, ValueError):
    """A parameter of the calculation is out of range; `.field` names it."""

    error_code = "INVALID_PARAMETER"

    def __init__(self, message: str, *, field: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step or f"Choose another value for {field}.")
        self.field = field


class LanguageError(BudsimError, ValueError):
    """There is no translation into this language."""

    error_code = "INVALID_LANGUAGE"
    default_next_step = "Choose one that there is a translation into."


class HubError(BudsimError):
    """The Hub gave no config.

    Attributes:
        can_paste: Whether a pasted config solves it.
        url: The page to open, or None.
        status_code: The HTTP status of the answer, or None.
    """

    error_code = "HUB_ERROR"
    default_next_step = "Paste the model's config.json."
    can_paste: ClassVar[bool] = True

    def __init__(
        self,
        message: str,
        *,
        next_step: str = "",
        model_id: str | None = None,
        url: str | None = None,
        status_code: int | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step, model_id=model_id)
        self.url = url
        self.status_code = status_code


class GatedModelError(HubError):
    """The model exists and its files are open to some accounts only.

    Attributes:
        access: `login` (no usable token), `request` (not asked for), `pending`, `rejected`, or `reset`.
        revision: The branch, tag or commit that was asked for; None for the main branch.
    """

    error_code = "MODEL_GATED"

    def __init__(self, message: str, *, access: str = "login", revision: str | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.access = access
        self.revision = revision


class ModelNotFoundError(HubError):
    """No such model for this account: mistyped, or private."""

    error_code = "NOT_FOUND"


class RevisionNotFoundError(HubError):
    """The model exists, but not the branch, tag or commit asked for."""

    error_code = "REVISION_NOT_FOUND"
    default_next_step = "Leave the revision out to get the main branch."
    can_paste = False


class TokenError(HubError):
    """The access token is invalid, or lacks a permission that the model asks for."""

    error_code = "TOKEN"


class ListedGguf(NamedTuple):
    """A GGUF file of a repository, the parts of a split one together.

    Attributes:
        name: Its path, of a split file that of the first part.
        label: What its name says about its type, such as `Q4_K_M`; "" where it says nothing.
        num_bytes: Its size, of all parts; None where the Hub lists none.
        is_projector: Whether it holds vision or audio (`mmproj`), beside the language model.
    """

    name: str
    label: str
    num_bytes: int | None
    is_projector: bool


class NoConfigError(HubError):
    """The repository holds no config.json.

    Attributes:
        found: The telling files that it has.
        gguf_files: Its GGUF files.
        base_model: The model that it says it was made from, or None.
    """

    error_code = "NO_CONFIG"

    def __init__(
        self,
        message: str,
        *,
        found: tuple[str, ...] = (),
        gguf_files: tuple[ListedGguf, ...] = (),
        base_model: str | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message, **details)
        self.found = found
        self.gguf_files = gguf_files
        self.base_model = base_model


class ModelDisabledError(HubError):
    """The Hub has disabled the repository."""

    error_code = "DISABLED"


class RegionError(HubError):
    """The model isn't served in this region."""

    error_code = "REGION"


class RateLimitError(HubError):
    """Too many requests; `.retry_after_seconds` says when to come back, where the Hub said so."""

    error_code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after_seconds: int | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after_seconds = retry_after_seconds


class HubUnavailableError(HubError):
    """The Hub is down, unreachable, too slow, or something else answered in its place."""

    error_code = "HUB_UNAVAILABLE"


class HubOfflineError(HubUnavailableError):
    """Offline mode is on, or there is no network."""

    error_code = "OFFLINE"


class TeamStoreError(HubError):
    """The dataset repository in which a team keeps its configs can't be used; `.repo_id` names it."""

    error_code = "TEAM_STORE"
    default_next_step = "Check the id of the dataset, and what its owner lets this account do."
    can_paste = False

    def __init__(self, message: str, *, repo_id: str | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.repo_id = repo_id


class TeamIdError(TeamStoreError, ValueError):
    """The text names no dataset: a model, a Space, a page, a path, or no id at all."""

    error_code = "INVALID_REPO_ID"


class TeamNotFoundError(TeamStoreError):
    """No such dataset for this account: mistyped, private, not made yet, or the id of a model."""

    error_code = "TEAM_NOT_FOUND"


class TeamAccessError(TeamStoreError):
    """The account or its token may not do there what was asked: read, write, or offer a pull request."""

    error_code = "TEAM_ACCESS"


class TeamConflictError(TeamStoreError):
    """Others changed the repository meanwhile, again and again."""

    error_code = "TEAM_CONFLICT"


class TeamStoppedError(TeamStoreError):
    """Sharing or syncing was stopped by the person, before it changed anything."""

    error_code = "TEAM_STOPPED"


class ConfigError(BudsimError, ValueError):
    """A config that can't be used.

    Attributes:
        code: The finer code, such as `TRUNCATED` or `MISSING_FIELD`.
        field: The field that it is about, or None.
        line: The line of the text, counted from 1, or None.
        missing_fields: Required fields that are absent.
        required_fields: All fields that this kind of config must have.
    """

    error_code = "INVALID_CONFIG"
    default_next_step = "Compare the config with the one that the model publishes."

    def __init__(  # noqa: PLR0913 - one error describes every refusal of intake
        self,
        code: str,
        message: str,
        *,
        next_step: str = "",
        model_id: str | None = None,
        field: str | None = None,
        line: int | None = None,
        missing_fields: tuple[str, ...] = (),
        required_fields: tuple[str, ...] = (),
    ) -> None:
        is_named = field and len(field) <= _MAX_FIELD_CHARACTERS
        compare = f"Compare `{field}` with the config that the model publishes." if is_named else ""
        super().__init__(message, next_step=next_step or compare, model_id=model_id)
        self.code = code
        self.field = field
        self.line = line
        self.missing_fields = missing_fields
        self.required_fields = required_fields


class StoreError(BudsimError, OSError):
    """The store of configs can't be read or written; `.path` is the file."""

    error_code = "STORE"
    default_next_step = "Check the file, or set BUDSIM_STORE to another one."

    def __init__(self, message: str, *, path: str, next_step: str = "", model_id: str | None = None) -> None:
        super().__init__(message, next_step=next_step, model_id=model_id)
        self.path = path
