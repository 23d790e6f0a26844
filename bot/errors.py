"""The answering side's errors; they hang from the tree in ingest/errors.py.

FootnoteError
├── ChatModelError             the chat model refused for good: key, model name, request
├── SlackError                 Slack refused for good: token, scope
├── VoiceError                 a voice is not known or cannot be used
└── Retryable
    ├── ProviderUnavailable    no answer, or half of one
    └── RateLimited            told to wait
"""

from ingest.errors import FootnoteError


class ChatModelError(FootnoteError):
    """The chat model refused the request for good."""


class SlackError(FootnoteError):
    """Slack refused for good."""

    def __init__(self, message: str, code: str = "") -> None:
        """Keep Slack's word for it, where it named one."""
        super().__init__(message)
        self.code = code


class VoiceError(FootnoteError):
    """A voice is not known, or cannot be used as it is set up."""
