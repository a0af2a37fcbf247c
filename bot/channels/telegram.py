"""Telegram, by long polling or by webhook, through either library."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import nullcontext

import structlog
from starlette.routing import BaseRoute

from bot.channels.base import Fetched, FetchRefused, Limits, Outcome, Receive
from bot.channels.posted import is_committed
from bot.channels.telegram_api import NAME, ApiError, BotApi, Clock, NetworkError, TooLarge, within
from bot.channels.telegram_inbound import UpdateReader, envelope, mended
from bot.channels.telegram_outbound import TEXT_LIMIT, TelegramSender
from bot.channels.telegram_polling import Pause, Poller, PollLease, kind_of, pause_after
from bot.channels.telegram_settings import TelegramMode, TelegramSettings
from bot.channels.telegram_update import Malformed, Update, parsed
from bot.channels.telegram_webhook import WebhookDoor
from handlers.messages import Capabilities, Inbound, Outbound

_CALL_TIME = 10.0  # seconds for a call that sends nothing
_DOWNLOAD_TIME = 60.0  # seconds

log = structlog.get_logger()


class Telegram:
    """The channel "telegram". See bot.channels.base.Channel for what each method promises.

    It speaks with people in private only: in a group it hears and keeps nothing, and says nothing. `commands` are
    shown beside the input field, each with its description; `poll_lease` is held while polling, so that one
    replica at a time does. `on_malformed` hears this channel's name for every update that could not be read; of a
    message, no more than who sent it is handed in then.
    """

    name = NAME
    capabilities = Capabilities(buttons=True, text_limit=TEXT_LIMIT, edits=True)

    def __init__(
        self,
        settings: TelegramSettings,
        api: BotApi,
        *,
        clock: Clock,
        commands: Sequence[tuple[str, str]] = (),
        poll_lease: PollLease = nullcontext,
        on_malformed: Callable[[str], None] = lambda _: None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.limits = Limits(settings.per_second, settings.chat_interval)
        self._settings = settings
        self._api = api
        self._clock = clock
        self._commands = commands
        self._on_malformed = on_malformed
        self._pause = pause
        self._reader = UpdateReader(settings.bot_id, settings.file_limit)
        self._sender = TelegramSender(api, clock, settings.send_timeout)
        self._door = WebhookDoor(settings.webhook_secret, self._read, self._hand_in)
        self._poller = Poller(
            api.get_updates,
            timeout=settings.poll_timeout,
            read=self._read,
            hand_in=self._hand_in,
            before=self._release_webhook,
            lease=poll_lease,
            pause=pause,
        )
        self._receive: Receive | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._answers: set[asyncio.Task[None]] = set()

    def routes(self) -> list[BaseRoute]:
        return [self._door.route()] if self._settings.mode is TelegramMode.WEBHOOK else []

    async def start(self, receive: Receive) -> None:
        self._receive = receive
        if self._settings.mode is TelegramMode.POLLING:
            self._tasks.append(asyncio.create_task(self._poller.run()))
        else:
            self._door.open()
            self._tasks.append(asyncio.create_task(self._insist("set_webhook", self._set_webhook)))
        self._tasks.append(asyncio.create_task(self._insist("set_commands", self._set_commands)))

    async def stop(self) -> None:
        """Stop receiving; sending goes on until `close`."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._door.close()
        while self._answers:
            await asyncio.wait(self._answers)

    async def close(self) -> None:
        """Let go of the connections, after the last message was sent."""
        await self._api.close()

    async def send(self, message: Outbound) -> Outcome:
        return await self._sender.send(message)

    def present(self) -> Collection[str]:
        return ()

    async def fetch(self, platform_id: str) -> Fetched:
        try:
            return Fetched(await within(_DOWNLOAD_TIME, self._api.download(platform_id, self._settings.file_limit)))
        except TooLarge:
            raise FetchRefused("too large") from None
        except ApiError as error:
            # One sentence stands for a file that is gone and for one that cannot be had just now.
            if error.code != 400 or "temporarily unavailable" in error.description:
                raise
            raise FetchRefused("not to be had") from None

    async def check(self) -> list[str]:
        try:
            state = await within(_CALL_TIME, self._api.webhook())
        except ApiError as error:
            if error.code in (401, 404):
                return ["Telegram does not know the token: set MINSHENG_TELEGRAM__TOKEN to the one @BotFather gave."]
            return [f"Telegram refuses to answer (code {error.code})."]
        except NetworkError as error:
            return [f"Telegram cannot be reached at {self._settings.api_base} ({error})."]
        finally:
            if self._receive is None:
                await self._api.close()
        wanted = self._settings.webhook_url if self._settings.mode is TelegramMode.WEBHOOK else ""
        found = []
        if state.url != wanted and (wanted or self._settings.mode is TelegramMode.POLLING):
            found.append("Telegram's webhook is not the one that is configured; starting the program puts it right.")
        if self._settings.mode is TelegramMode.WEBHOOK and not state.url and not wanted:
            found.append("No webhook is set, so no message arrives: set MINSHENG_TELEGRAM__WEBHOOK_URL.")
        if state.last_error:
            found.append(f"Telegram could not deliver to the webhook: {state.last_error} ({state.waiting} wait).")
        return found

    # --- what comes in

    def _read(self, raw: object) -> Inbound | None:
        """The message in an update, if any. A tap is answered at once, also a late one, whether that works or not."""
        try:
            update = _whole(raw)
            inbound = self._reader.read(update, self._clock())
        except Malformed as error:
            self._on_malformed(self.name)
            log.warning("telegram_update_malformed", error=str(error))
            return self._heard_at_least(raw)
        if update.callback_query:
            answer = asyncio.create_task(self._answer_tap(update.callback_query.id))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)
        return inbound

    def _heard_at_least(self, raw: object) -> Inbound | None:
        """A message that cannot be read, as one of a kind that nobody knows: it is kept, and answered."""
        try:
            return self._reader.read(parsed(envelope(raw)), self._clock())
        except Malformed:
            return None

    async def _answer_tap(self, query_id: str) -> None:
        try:
            await within(_CALL_TIME, self._api.answer_tap(query_id))
        except (ApiError, NetworkError) as error:
            log.info("telegram_tap_not_answered", error=kind_of(error))

    async def _hand_in(self, inbound: Inbound) -> bool:
        return await is_committed(self._receive, inbound)

    # --- what is set up

    async def _release_webhook(self) -> None:
        """While a webhook is set, nobody can poll (Bot API, getUpdates)."""
        if (await within(_CALL_TIME, self._api.webhook())).url:
            await within(_CALL_TIME, self._api.delete_webhook())

    async def _set_webhook(self) -> None:
        if self._settings.webhook_url:
            await self._api.set_webhook(self._settings.webhook_url, self._settings.webhook_secret)

    async def _set_commands(self) -> None:
        if self._commands:
            await self._api.set_commands(self._commands)

    async def _insist(self, what: str, call: Callable[[], Awaitable[None]]) -> None:
        """Call until it was done, or refused for what it says."""
        failures = 0
        while True:
            try:
                return await within(_CALL_TIME, call())
            except (ApiError, NetworkError) as error:
                failures += 1
                log.warning("telegram_not_set_up", what=what, error=kind_of(error))
                if isinstance(error, ApiError) and error.code == 400:
                    return None
                await self._pause(pause_after(error, failures))


def _whole(raw: object) -> Update:
    """An update, also one in which half an emoji stands. Raises Malformed."""
    try:
        return parsed(raw)
    except Malformed:
        return parsed(mended(raw))
