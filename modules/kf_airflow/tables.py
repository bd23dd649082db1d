"""What the dataclasses have in common that `config/<env>.toml` is read into."""

from __future__ import annotations

from typing import ClassVar


class Table:
    """A dataclass that stands for a table of the settings: pydantic refuses keys it does not have."""

    # What pydantic looks for on dataclasses that are not its own.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
