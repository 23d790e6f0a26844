"""Every error Footnote raises on purpose, and which of them may be tried again.

    FootnoteError                  one or two lines a person can act on; ends a command with exit 1
    ├── SettingsError              a value is missing or bad in the environment or footnote.toml
    ├── DatabaseError              Postgres cannot be used as it is
    │   ├── SchemaOutdated         `footnote db migrate` has to run first
    │   └── SpaceMismatch          no model in the settings is that of the passages
    ├── SourceError                a source cannot be read
    │   ├── SourceBusy             another run is at work on the same source
    │   └── LeaseLost              this run stood still so long that another took over
    ├── ArticleError               one article is unusable; the run goes on without it
    ├── EmbeddingModelError        the embedding model is missing, damaged or refused our input
    ├── RecallFell                 another embedding model finds less, so it is not taken up
    └── Retryable                  the same call may succeed later
        ├── SpaceSwitched          the embedding model was switched during the run
        ├── CutterLost             the process that cuts articles has ended
        ├── DatabaseUnavailable    no connection to Postgres
        ├── ProviderUnavailable    a remote model or service did not answer properly
        └── RateLimited            told to wait; `retry_after` says how many seconds

The message is written for whoever has to mend it: it names the thing and the way out.
Errors of the answering side are in bot/errors.py and hang from the same root.
"""


class FootnoteError(Exception):
    """Something is wrong that a person can mend; the message says what and how."""


class SettingsError(FootnoteError):
    """A setting is missing or bad."""


class DatabaseError(FootnoteError):
    """Postgres cannot be used as it is."""


class SchemaOutdated(DatabaseError):
    """The schema is not the one this version of Footnote works with."""


class SpaceMismatch(DatabaseError):
    """No model in the settings is the one that the passages are embedded with."""


class SourceError(FootnoteError):
    """A source cannot be read."""


class SourceBusy(SourceError):
    """Another run is at work on this source."""


class LeaseLost(SourceError):
    """This run stood still so long that another took its work over."""


class ArticleError(FootnoteError):
    """One article is unusable; the message is the reason, in a sentence."""


class EmbeddingModelError(FootnoteError):
    """The embedding model is missing, damaged, or refused the input."""


class RecallFell(FootnoteError):
    """Another embedding model finds less than the served one."""


class Retryable(FootnoteError):
    """The same call may succeed later."""


class SpaceSwitched(Retryable):
    """The embedding model was switched while a run was at work."""


class CutterLost(Retryable):
    """The process that cuts articles has ended."""


class DatabaseUnavailable(Retryable):
    """No connection to Postgres."""


class ProviderUnavailable(Retryable):
    """A remote service did not answer, or not properly."""


class RateLimited(Retryable):
    """A remote service asked us to wait."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep the number of seconds the service named, where it named one."""
        super().__init__(message)
        self.retry_after = retry_after
