"""Metrics: what an operator watches, in Prometheus's format at /metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

# Seconds; quotes take a fraction of one, a slow model half a minute.
BUCKETS = (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """One process's counters since it began; several processes are added up by Prometheus."""

    def __init__(self) -> None:
        """All begin at zero."""
        self.registry = CollectorRegistry()
        self.accepted = Counter(
            "footnote_questions_accepted", "Questions stored.", registry=self.registry
        )
        self.ended = Counter(
            "footnote_questions_ended",
            "Questions that came to an end, by how: answered, not_covered, failed, limited, "
            "unasked (a mention without a question), stopped, deleted, undelivered.",
            ["how"],
            registry=self.registry,
        )
        self.deliveries = Counter(
            "footnote_deliveries",
            "Messages that reached Slack, by the rung of the ladder that brought them there.",
            ["way"],
            registry=self.registry,
        )
        self.refusals = Counter(
            "footnote_slack_refusals",
            "What Slack refused, by its word for it.",
            ["error"],
            registry=self.registry,
        )
        self.under_way = Gauge(
            "footnote_questions_under_way", "Questions being answered.", registry=self.registry
        )
        self.seconds = Histogram(
            "footnote_answer_seconds",
            "From the beginning of work on a question to its message.",
            buckets=BUCKETS,
            registry=self.registry,
        )

    def text(self) -> bytes:
        """All of it, in Prometheus's text format."""
        return generate_latest(self.registry)
