"""Ends: until when hosted models are there, as their providers have announced."""

from datetime import date

# OpenAI takes no new fine-tuning jobs from the first day on, and today's tuned models stop on the
# second. A desk that knows better sets `shutdown_date` or names it under [ends].
TUNING_CLOSES = date(2027, 1, 6)
TUNED_MODELS_END = date(2027, 1, 14)


def tuned_end(base_model: str) -> date | None:
    """When a model that OpenAI tunes from a base model stops; None where nothing is announced."""
    return TUNED_MODELS_END if base_model.startswith("gpt-") else None
