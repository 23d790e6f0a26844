"""Building a dataset: approved wordings → examples in splits, in files with a card and a hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from psycopg.types.json import Jsonb

from bot.errors import DatasetError
from bot.settings import PriceSettings
from bot.voice.costs import EPOCHS, training_cost, training_minutes
from bot.voice.dataset import jsonl
from bot.voice.dataset.approved import Approved, approved
from bot.voice.dataset.card import FILES, PREFERENCES, card_lines
from bot.voice.dataset.duplicates import without_duplicates
from bot.voice.dataset.splits import MINIMUM, RECOMMENDED, TEST, TRAIN, VALIDATION, split
from ingest.database import Database, Row


@dataclass(frozen=True, slots=True)
class Dataset:
    """Files of JSON lines by name, their hash, and the card that says what they are."""

    hash: str
    files: Mapping[str, str]
    card: Mapping[str, Any]
    reviews: Mapping[str, str]  # review → split

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read a row of the query `dataset`."""
        files = {name: row[name] for name in FILES}
        return cls(row["hash"], files, row["card"], row["reviews"])

    @property
    def instructions(self) -> str:
        """What the voice is told in each example."""
        return str(self.card["instructions"])

    def count(self, name: str) -> int:
        """How many examples a file has."""
        return len(self.files[name].splitlines())

    def check(self, name: str = TRAIN) -> None:
        """Raise DatasetError unless a file can be trained on."""
        jsonl.check(name, self.files[name])
        count = self.count(name)
        if count < MINIMUM:
            raise DatasetError(
                f"There are {count} examples to train on; {MINIMUM} are the least and"
                f" {RECOMMENDED[0]} to {RECOMMENDED[1]} better.\n"
                "Amend answers into the wording you want, or approve answers in a voice."
            )


async def build(
    database: Database,
    instructions: str,
    model: str,
    prices: PriceSettings | None,
    who: str,
) -> Dataset:
    """Build the dataset of today's reviews and keep it; its cost is that of training `model`."""
    examples, unfit = await approved(database)
    struck = {row["review_id"] for row in await database.rows("struck_reviews")}
    distinct = without_duplicates(examples)
    wanted = [example for example in distinct if example.review not in struck]
    left_out = {str(reason): count for reason, count in unfit.items()}
    left_out |= {
        "near-duplicates": len(examples) - len(distinct),
        "struck": len(distinct) - len(wanted),
    }
    dataset = assemble(wanted, instructions, model, prices, left_out)
    await database.run(
        "keep_dataset",
        hash=dataset.hash,
        who=who,
        card=Jsonb(dataset.card),
        reviews=Jsonb(dataset.reviews),
        **dataset.files,
    )
    return dataset


def assemble(
    examples: list[Approved],
    instructions: str,
    model: str,
    prices: PriceSettings | None,
    left_out: Mapping[str, int],
) -> Dataset:
    """The files, the hash and the card of some examples."""
    parts = split(examples)
    files = {
        name: _lines(jsonl.supervised(each, instructions) for each in parts[name])
        for name in (TRAIN, VALIDATION, TEST)
    }
    compared = [each for each in parts[TRAIN] if each.rejected is not None]
    files[PREFERENCES] = _lines(jsonl.preference(each, instructions) for each in compared)
    digest = hashlib.sha256()
    for name in FILES:
        digest.update(f"{name}\n{files[name]}".encode())
    trained = jsonl.tokens(files[TRAIN])
    dates = [example.reviewed_at for example in examples]
    card = {
        "hash": digest.hexdigest(),
        "examples": {name: len(files[name].splitlines()) for name in FILES},
        "families": {
            name: len({family for each in parts[name] for family in each.families})
            for name in parts
        },
        "left_out": {reason: count for reason, count in left_out.items() if count},
        "from": min(dates).date().isoformat() if dates else None,
        "to": max(dates).date().isoformat() if dates else None,
        "source": "answers that leads approved in a voice or amended; personal data masked",
        "instructions": instructions,
        "tokens": {name: jsonl.tokens(files[name]) for name in FILES},
        "minimum": MINIMUM,
        "recommended": list(RECOMMENDED),
        "base_model": model,
        "epochs": EPOCHS,
        "cost": training_cost(trained, EPOCHS, model, prices).as_json(),
        "minutes": round(training_minutes(trained, EPOCHS, prices), 1),
    }
    reviews = {str(each.review): name for name, part in parts.items() for each in part}
    return Dataset(digest.hexdigest(), files, card, reviews)


async def load(database: Database, begins: str = "") -> Dataset:
    """A dataset by the beginning of its hash, or the latest. Raises DatasetError."""
    row = await database.row("dataset", hash=begins)
    if row is None:
        which = f"whose hash begins with {begins}" if begins else "yet"
        raise DatasetError(f"There is no dataset {which}.\nRun: footnote voice dataset build")
    return Dataset.from_row(row)


def write(dataset: Dataset, folder: Path) -> list[Path]:
    """Write the files and the card into a folder. Raises DatasetError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name in FILES:
            file = folder / f"{name}.jsonl"
            file.write_text(dataset.files[name], encoding="utf-8")
            written.append(file)
        card = folder / "card.md"
        card.write_text("\n".join(card_lines(dataset.card)) + "\n", encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{folder} cannot be written to: {error.strerror}.") from error
    return [*written, card]


def _lines(lines: Any) -> str:
    return "".join(f"{line}\n" for line in lines)
