"""Costs: US dollars, each with the formula it follows from and the prices of footnote.toml."""

from dataclasses import dataclass
from typing import Any

from bot.settings import PriceSettings

MILLION = 1_000_000
EPOCHS = 3  # how often a training goes over its examples, unless told


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount and where it comes from; None where no price is known."""

    usd: float | None
    formula: str

    def __str__(self) -> str:
        """As a line of a report."""
        amount = "unknown" if self.usd is None else f"${self.usd:,.4f}"
        return f"{amount}: {self.formula}"

    def as_json(self) -> dict[str, Any]:
        """The form reports keep."""
        return {"usd": self.usd, "formula": self.formula}


def unknown(model: str, which: str) -> Cost:
    """What cannot be said without a price."""
    return Cost(None, f'footnote.toml has no {which} under [prices."{model}"]')


def training_cost(tokens: int, epochs: int, model: str, prices: PriceSettings | None) -> Cost:
    """What it costs to go over so many tokens so often."""
    if prices is None or not prices.training:
        return unknown(model, "training price")
    usd = tokens * epochs * prices.training / MILLION
    return Cost(
        round(usd, 6),
        f"{tokens:,} tokens × {epochs} epochs × ${prices.training:g} per million tokens",
    )


def training_minutes(tokens: int, epochs: int, prices: PriceSettings | None) -> float:
    """About how long that takes, in minutes."""
    return tokens * epochs / (prices or PriceSettings()).tokens_per_minute
