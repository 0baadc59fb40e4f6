"""What is asked, as the errors about it need to know: without the token, only where it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote, urlsplit

REAL_HUB = "https://huggingface.co"


@dataclass(frozen=True)
class Question:
    """A model, where it is looked for, and on whose behalf.

    Attributes:
        model_id: As it was asked for: what is pasted instead is kept under this id.
        revision: A branch, tag or commit, or None for the main branch.
        endpoint: The Hub's address.
        token_source: Where the token in use comes from, in words, or None if there is none.
        login: Whether a token went with it: `none` is set, `sent`, or `refused` as invalid and left out.
        timeout_seconds: The limit of the whole question.
    """

    model_id: str
    revision: str | None
    endpoint: str
    timeout_seconds: float
    token_source: str | None = None
    login: Literal["none", "sent", "refused"] = "none"

    @property
    def page(self) -> str:
        """The model's page, for a browser."""
        return f"{self.site}/{self.model_id}"

    @property
    def tokens_page(self) -> str:
        """Where access tokens are made and renewed."""
        return f"{self.site}/settings/tokens"

    @property
    def search_page(self) -> str:
        """Models with a similar name."""
        return f"{self.site}/models?search={quote(self.model_id.rpartition('/')[2])}"

    @property
    def site(self) -> str:
        """The endpoint without a user name and password that it may carry."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def host(self) -> str:
        """The Hub's name, for a sentence."""
        return "the Hugging Face Hub" if self.endpoint == REAL_HUB else self.site.partition("://")[2]

    def with_token(self, source: str | None, state: Literal["none", "sent", "refused"]) -> Question:
        """The same question, asked with or without a token."""
        return replace(self, token_source=source, login=state)
