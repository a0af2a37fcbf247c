"""How long somebody waits: from the request that brings a message to its answer, which comes after the commit.

The program runs as a process of its own, with SQLite; 100 turns a second arrive at random times over real HTTP.
"""

from statistics import quantiles

from tests.bench.turns import our_updates
from tests.bench.webhook_load import at_random_times, serving

PER_SECOND = 100.0
PEOPLE = 120
WARMING = 2  # seconds that are not counted
CONNECTIONS = 40  # Telegram's own default (Bot API, setWebhook: max_connections)


async def measure(seconds: int, driver: str) -> dict[str, float]:
    """Milliseconds that half, and all but a hundredth, of the turns take at most."""
    turns = round((seconds + WARMING) * PER_SECOND)
    updates = list(our_updates(PEOPLE, 1 + turns // (PEOPLE * 6)))[:turns]
    async with serving(driver, PEOPLE) as bot:
        found = await at_random_times(bot.address, updates, PER_SECOND, CONNECTIONS)
    hundredths = quantiles(found[round(WARMING * PER_SECOND) :], n=100)
    return {
        f"latency_{driver}_p50_milliseconds": hundredths[49] * 1000,
        f"latency_{driver}_p99_milliseconds": hundredths[98] * 1000,
    }
