"""The examples of a dataset, as a lead reads them."""

import json
from dataclasses import dataclass
from typing import Any

from bot.voice.dataset.building import Dataset
from bot.voice.dataset.splits import TEST, TRAIN, VALIDATION


@dataclass(frozen=True, slots=True)
class Example:
    """What was approved, from which review, and what it is used for."""

    review: int
    split: str
    neutral: str
    wording: str

    def as_json(self) -> dict[str, Any]:
        """The form `footnote voice dataset show --json` prints."""
        return {name: getattr(self, name) for name in self.__slots__}

    def lines(self) -> list[str]:
        """How a terminal shows it."""
        neutral = (f"    {line}" for line in self.neutral.splitlines())
        wording = (f"  → {line}" for line in self.wording.splitlines())
        return [f"review {self.review} · {self.split}", *neutral, *wording]


def examples(dataset: Dataset) -> list[Example]:
    """All of them, by split and then by review."""
    found = []
    for name in (TRAIN, VALIDATION, TEST):
        reviews = sorted(int(each) for each, split in dataset.reviews.items() if split == name)
        for review, line in zip(reviews, dataset.files[name].splitlines(), strict=True):
            _, asked, said = json.loads(line)["messages"]
            found.append(Example(review, name, asked["content"], said["content"]))
    return found
