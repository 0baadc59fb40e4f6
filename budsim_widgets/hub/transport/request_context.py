"""What a request is about, as its errors need to know: without the token, only where it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote, urlsplit

from budsim_widgets.hub.transport.endpoint import REAL_HUB


@dataclass(frozen=True)
class RequestContext:
    """A model or a dataset, where it is looked for, and on whose behalf.

    Attributes:
        repo_id: The id of the model or dataset, as the person wrote it: what is pasted instead is kept under it.
        revision: A branch, tag or commit, or None for the main branch.
        endpoint: The Hub's address.
        token_source: Where the token in use comes from, in words, or None if there is none.
        login: Whether a token went with it: `none` is set, `sent`, or `refused` as invalid and left out.
        timeout_seconds: The limit of all requests together.
        subfolder: The folder of a model whose config is meant; no config can be pasted for it.
        subject: What it is about; instead of a model's config another can be pasted, instead of a dataset nothing.
    """

    repo_id: str
    revision: str | None
    endpoint: str
    timeout_seconds: float
    token_source: str | None = None
    login: Literal["none", "sent", "refused"] = "none"
    subject: Literal["model", "dataset"] = "model"
    subfolder: str = ""

    @property
    def page(self) -> str:
        """The model's or dataset's page, for a browser."""
        return f"{self.site}/{'datasets/' if self.subject == 'dataset' else ''}{self.repo_id}"

    def or_paste(self, what: str = "the model's config.json") -> str:
        """How the sentence about the next step ends: with the other way on, where there is one."""
        return f", or paste {what}." if self.subject == "model" and not self.subfolder else "."

    @property
    def tokens_page(self) -> str:
        """Where access tokens are made and renewed."""
        return f"{self.site}/settings/tokens"

    @property
    def search_page(self) -> str:
        """Models with a similar name."""
        return f"{self.site}/models?search={quote(self.repo_id.rpartition('/')[2])}"

    @property
    def site(self) -> str:
        """The endpoint without a user name and password that it may carry."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def host(self) -> str:
        """The Hub's name, for a sentence."""
        return "the Hugging Face Hub" if self.endpoint == REAL_HUB else self.site.partition("://")[2]

    def with_token(self, source: str | None, state: Literal["none", "sent", "refused"]) -> RequestContext:
        """The same, with or without a token."""
        return replace(self, token_source=source, login=state)
