"""The answering side's errors; they hang from the tree in ingest/errors.py.

FootnoteError
├── ChatModelError             the chat model refused for good: key, model name, request
│   └── ModelGone              the server has no model of that name
├── SlackError                 Slack refused for good: token, scope
├── VoiceError                 a voice is not known or cannot be used
│   ├── DatasetError           there is too little, or something unfit, to train a voice on
│   ├── GateClosed             the evidence is against training a voice
│   └── TrainingError          a voice cannot be trained, or its training failed
├── ReviewError                a review that cannot be kept as it is
│   └── ReviewedMeanwhile      somebody else was first
└── Retryable
    ├── ProviderUnavailable    no answer, or half of one
    └── RateLimited            told to wait
"""

from datetime import datetime

from ingest.errors import FootnoteError


class ChatModelError(FootnoteError):
    """The chat model refused the request for good."""


class ModelGone(ChatModelError):
    """The server does not have the model, or no longer."""


class SlackError(FootnoteError):
    """Slack refused for good."""

    def __init__(self, message: str, code: str = "") -> None:
        """Keep Slack's word for it, where it named one."""
        super().__init__(message)
        self.code = code


class VoiceError(FootnoteError):
    """A voice is not known, or cannot be used as it is set up."""


class ReviewError(FootnoteError):
    """A review cannot be kept as it is."""


class ReviewedMeanwhile(ReviewError):
    """Somebody else reviewed the answer while this review was being written."""

    def __init__(self, review: int, reviewer: str, verdict: str, at: datetime) -> None:
        """Name the review that was first."""
        super().__init__("This answer was reviewed by somebody else meanwhile.")
        self.review = review
        self.reviewer = reviewer
        self.verdict = verdict
        self.at = at


class DatasetError(VoiceError):
    """There is too little, or something unfit, to train a voice on."""


class GateClosed(VoiceError):
    """The evidence is against training a voice, and no reason was given to do so despite it."""


class TrainingError(VoiceError):
    """A voice cannot be trained, or its training failed."""
