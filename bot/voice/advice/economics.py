"""Economics: what an answer costs in a prompted and in a tuned voice, and when tuning pays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from bot.settings import Settings
from bot.voice.costs import EPOCHS, MILLION, Cost, training_cost, unknown
from bot.voice.dataset import jsonl
from bot.voice.dataset.approved import Approved
from bot.voice.pairs import system

EXEMPLARS = 4  # that a prompted voice is taken to be shown
MONTHS = 12  # over which a training is written off; models last about as long
_LETTERS = 4  # characters a token has, about


@dataclass(frozen=True, slots=True)
class Economics:
    """US dollars, each with its formula."""

    prompted: Cost  # an answer in a prompted voice
    tuned: Cost  # an answer in a tuned voice
    training: Cost
    break_even: Cost  # answers a month from which the tuned voice is cheaper

    def as_json(self) -> dict[str, Any]:
        """The form reports keep."""
        return {name: getattr(self, name).as_json() for name in self.__slots__}


def economics(examples: Sequence[Approved], settings: Settings, base_model: str) -> Economics:
    """Work it out for the desk's own answers and a base model's prices."""
    prices = settings.prices.get(base_model)
    told = max((voice.instructions for voice in settings.voices.values()), key=len, default="")
    lines = "\n".join(jsonl.supervised(each, told) for each in examples)
    training = training_cost(jsonl.tokens(lines), EPOCHS, base_model, prices)
    if prices is None or not prices.input or not examples:
        lacking = unknown(base_model, "input and output price") if examples else Cost(
            None, "there are no approved wordings to count the tokens of")  # fmt: skip
        return Economics(lacking, lacking, training, lacking)
    rules = _tokens(system(told).content)
    asked = round(fmean(_tokens(each.pair.asked) for each in examples))
    said = round(fmean(_tokens(each.pair.said) for each in examples))
    shown = EXEMPLARS * (asked + said)
    prompted = _answer(rules + asked + shown, said, prices.input, prices.output)
    tuned = _answer(
        rules + asked,
        said,
        prices.tuned_input or prices.input,
        prices.tuned_output or prices.output,
    )
    return Economics(prompted, tuned, training, _break_even(prompted, tuned, training))


def _tokens(text: str) -> int:
    return math.ceil(len(text) / _LETTERS)


def _answer(sent: int, received: int, price_in: float, price_out: float) -> Cost:
    usd = (sent * price_in + received * price_out) / MILLION
    return Cost(
        round(usd, 8),
        f"({sent} tokens sent × ${price_in:g} + {received} received × ${price_out:g}) / 1,000,000",
    )


def _break_even(prompted: Cost, tuned: Cost, training: Cost) -> Cost:
    if prompted.usd is None or tuned.usd is None or training.usd is None:
        return Cost(None, training.formula if training.usd is None else prompted.formula)
    saved = prompted.usd - tuned.usd
    if saved <= 0:
        return Cost(None, "never: an answer in the tuned voice costs no less")
    return Cost(
        math.ceil(training.usd / MONTHS / saved),
        f"${training.usd:g} for training / {MONTHS} months /"
        f" (${prompted.usd:g} − ${tuned.usd:g}) an answer",
    )
