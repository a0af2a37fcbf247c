"""What `/metrics` tells, in Prometheus's words. Names and codes only, never what people wrote."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.sender import Delivery
from handlers.messages import Received

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


class Metrics:
    """Counts of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Counter("minsheng_turns", "Messages taken in", ["channel", "outcome"], registry=self.registry)
        self.latency = Histogram(
            "minsheng_turn_seconds", "From a message's arrival to its commit", registry=self.registry, buckets=BUCKETS
        )
        self.sends = Counter("minsheng_sends", "Sends by outcome", ["channel", "outcome"], registry=self.registry)
        self.send_delay = Histogram(
            "minsheng_send_seconds", "From a row's moment to its outcome", registry=self.registry, buckets=BUCKETS
        )
        self.malformed_updates = Counter(
            "minsheng_malformed_updates", "What came in and could not be read", ["channel"], registry=self.registry
        )
        self.faults = Counter("minsheng_faults", "Messages whose handling failed", ["kind"], registry=self.registry)
        self.depth = Gauge("minsheng_outbox_waiting", "Rows that wait in the outbox", registry=self.registry)
        self.age = Gauge("minsheng_outbox_oldest_seconds", "Age of the oldest waiting row", registry=self.registry)

    def turned(self, channel: str, outcome: Received, seconds: float) -> None:
        self.turns.labels(channel, outcome.value).inc()
        self.latency.observe(seconds)

    def malformed(self, channel: str) -> None:
        self.malformed_updates.labels(channel).inc()

    def sent(self, delivery: Delivery) -> None:
        self.sends.labels(delivery.channel, delivery.outcome).inc()
        self.send_delay.observe(max(delivery.seconds, 0.0))

    def page(self, depth: float, oldest: float) -> bytes:
        self.depth.set(depth)
        self.age.set(oldest)
        return generate_latest(self.registry)
