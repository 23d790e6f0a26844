"""Progress: how far long work is, told to whoever shows it."""

from typing import Protocol


class Progress(Protocol):
    """Is told how far work is."""

    def __call__(self, stage: str, done: int, total: int, /) -> None:
        """`done` of `total` articles are through `stage`; total 0 means not yet known."""
        ...
