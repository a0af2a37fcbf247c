"""Delivery of updates to the bot's webhook."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from tests.bot_api.update_queue import Lane, Pending
from tests.bot_api.world import Webhook, World

# What the published server does: again at once, then twice as long each time (WebhookActor.cpp).
TRUE_BACKOFF = (0.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 120.0)
# The same shape, for tests.
SHORT_BACKOFF = (0.0, 0.01, 0.02, 0.04, 0.08)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to hand an update to the webhook; `status` 0 means that nobody answered."""

    update_id: int
    status: int


class WebhookDelivery:
    """Posts what waits to the webhook: one update of a lane at a time, lanes side by side."""

    def __init__(self, world: World, backoff: Sequence[float], attempts: list[Delivery]) -> None:
        self._attempts = attempts
        self._world = world
        self._backoff = backoff
        self._woken = asyncio.Event()
        self._lanes: dict[Lane, deque[tuple[int, Pending]]] = {}
        self._known: set[int] = set()

    def wake(self) -> None:
        """Something waits, or the webhook changed; call it on the loop."""
        self._woken.set()

    async def run(self) -> None:
        """Delivers until cancelled, starting afresh whenever the webhook changes."""
        while True:
            await self._woken.wait()
            webhook = self._world.webhook
            if webhook is None:
                self._woken.clear()
                continue
            await self._deliver_to(webhook)

    async def _deliver_to(self, webhook: Webhook) -> None:
        self._lanes.clear()
        self._known.clear()
        limits = httpx.Limits(max_connections=webhook.max_connections)
        # verify=False saves the loading of certificates: webhooks here are on this machine.
        client = httpx.AsyncClient(limits=limits, timeout=60, trust_env=False, verify=False)
        async with client, asyncio.TaskGroup() as workers:
            running: set[asyncio.Task[None]] = set()
            while self._world.webhook is webhook:
                self._woken.clear()
                for lane in self._sort_new():
                    worker = workers.create_task(self._serve(lane, webhook, client))
                    running.add(worker)
                    worker.add_done_callback(running.discard)
                await self._woken.wait()
            for worker in running:
                worker.cancel()

    def _sort_new(self) -> list[Lane]:
        """Puts updates not seen yet into their lanes; returns the lanes that had no worker."""
        fresh: list[Lane] = []
        with self._world.changed:
            waiting = self._world.updates.waiting(self._world.clock())
        for arrival, item in waiting.items():
            if arrival not in self._known:
                self._known.add(arrival)
                if item.lane not in self._lanes:
                    self._lanes[item.lane] = deque()
                    fresh.append(item.lane)
                self._lanes[item.lane].append((arrival, item))
        return fresh

    async def _serve(self, lane: Lane, webhook: Webhook, client: httpx.AsyncClient) -> None:
        queue = self._lanes[lane]
        failures = 0
        while queue:
            arrival, item = queue[0]
            if not self._world.updates.holds(arrival) or await self._post(item, webhook, client):
                with self._world.changed:
                    self._world.updates.forget(arrival)
                    self._world.changed.notify_all()
                queue.popleft()
                self._known.discard(arrival)
                failures = 0
            else:
                await asyncio.sleep(self._backoff[min(failures, len(self._backoff) - 1)])
                failures += 1
        del self._lanes[lane]

    async def _post(self, item: Pending, webhook: Webhook, client: httpx.AsyncClient) -> bool:
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        with self._world.changed:
            self._world.updates.mark_shown(item)
        try:
            answer = await client.post(webhook.url, content=item.raw, headers=headers)
        except httpx.HTTPError as error:
            return self._note(item, 0, str(error) or type(error).__name__)
        if answer.is_success and b'"method"' in answer.content:
            # Telegram would carry it out and never tell the outcome: no way to send durably.
            self._world.violations.append("a method call in the answer to a webhook")
        reason = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        return self._note(item, answer.status_code, "" if answer.is_success else reason)

    def _note(self, item: Pending, status: int, error: str) -> bool:
        with self._world.changed:
            self._attempts.append(Delivery(item.update_id, status))
            self._world.webhook_error = error or self._world.webhook_error
            self._world.changed.notify_all()
        return not error
