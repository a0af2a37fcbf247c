"""The measurement of an announcement measures what it says, on few people."""

from tests.bench.announcing import measure


def test_an_announcement_is_made_ready_sent_and_reported(database_url: str) -> None:
    figures = measure("some", database_url, 5_000)
    assert figures["announcing_some_ready_seconds"] > 0
    longest = figures["announcing_some_ready_longest_transaction_milliseconds"]
    assert longest >= figures["announcing_some_ready_transaction_milliseconds"] > 0
    assert figures["announcing_some_report_seconds"] > 0
