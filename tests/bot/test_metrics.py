"""What an operator's monitoring reads: counts by name and code, and nothing that anybody wrote."""

from math import nan

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from bot.sender import Delivery
from handlers.messages import Received


def figures(metrics: Metrics, depth: float = 0, oldest: float = 0) -> dict[tuple[str, ...], float]:
    """Every figure by its name and labels."""
    page = metrics.page(depth, oldest).decode()
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def test_turns_are_counted_by_channel_and_outcome_and_timed() -> None:
    metrics = Metrics()
    for outcome in (Received.ACTED_ON, Received.ACTED_ON, Received.REPEATED):
        metrics.turned("web", outcome, 0.004)
    metrics.turned("telegram", Received.FAULT, 90.0)

    found = figures(metrics)
    assert found["minsheng_turns_total", "web", "acted_on"] == 2
    assert found["minsheng_turns_total", "web", "repeated"] == 1
    assert found["minsheng_turns_total", "telegram", "fault"] == 1
    assert found["minsheng_turn_seconds_bucket", "0.005"] == 3
    assert found["minsheng_turn_seconds_bucket", "60.0"] == 3
    assert found["minsheng_turn_seconds_bucket", "+Inf"] == 4


def test_sends_are_counted_by_outcome_and_whom_they_went_to_is_not_told() -> None:
    metrics = Metrics()
    metrics.sent(Delivery("web", "somebody", "sent", 0.2))
    metrics.sent(Delivery("web", "somebody", "absent", -0.001))  # clocks that do not tick alike

    found = figures(metrics)
    assert found["minsheng_sends_total", "web", "sent"] == 1
    assert found["minsheng_sends_total", "web", "absent"] == 1
    assert found["minsheng_send_seconds_bucket", "0.001"] == 1
    assert "somebody" not in metrics.page(0, 0).decode()


def test_the_outbox_is_shown_as_it_was_found_and_may_be_unknown() -> None:
    metrics = Metrics()
    assert figures(metrics, 12, 3.5)["minsheng_outbox_waiting",] == 12
    assert figures(metrics, 12, 3.5)["minsheng_outbox_oldest_seconds",] == 3.5
    unknown = figures(metrics, nan, nan)["minsheng_outbox_waiting",]
    assert unknown != unknown  # as only NaN does


def test_two_programs_in_one_process_count_for_themselves() -> None:
    first, second = Metrics(), Metrics()
    first.turned("web", Received.ACTED_ON, 0.1)

    assert ("minsheng_turns_total", "web", "acted_on") not in figures(second)
