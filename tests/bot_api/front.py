"""From an HTTP request to a method call and back: token, faults, limits, errors, long polls."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from tests.bot_api import errors
from tests.bot_api.answering import ANSWERS
from tests.bot_api.errors import ApiError, ProtocolError
from tests.bot_api.faults import DOWNLOAD, Fault, FaultScript
from tests.bot_api.http_server import TOO_LARGE_PATH, Reply, Request, Response, refusal
from tests.bot_api.methods import METHODS, Method
from tests.bot_api.parameters import Parameters, RawParameters, read_parameters
from tests.bot_api.world import Call, World

Answer = Reply | Awaitable[Reply]

MOST_UPDATES = 100
LONGEST_POLL = 50  # seconds; the published server cuts longer ones


def _success(result: bytes) -> Response:
    return Response(b'{"ok":true,"result":' + result + b"}")


class Front:
    """The handler of the HTTP server; runs on the stand-in's own loop."""

    def __init__(self, world: World, faults: FaultScript, on_webhook_change: Callable[[], None]) -> None:
        self._world = world
        self._faults = faults
        self._on_webhook_change = on_webhook_change
        self._poll: asyncio.Future[ApiError | None] | None = None

    def __call__(self, request: Request) -> Answer:
        """Answers one request."""
        try:
            if request.path == TOO_LARGE_PATH:
                raise errors.TOO_LARGE
            if request.path.startswith("/file/bot"):
                return self._download(request)
            method = self._method(request.path)
            raw = self._read(method, request)
        except ApiError as error:
            return refusal(error)
        return self._call(method, raw, request.arrived)

    def wake_poll(self, outcome: ApiError | None = None) -> None:
        """Lets a waiting getUpdates look again, or ends it with a refusal."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(outcome)

    def _method(self, path: str) -> Method:
        _, _, rest = path.partition("/bot")
        token, _, name = rest.partition("/")
        if not rest or not name:
            raise errors.NOT_FOUND
        self._check(token)
        if name.lower() not in METHODS:
            self._world.violations.append(f"unknown method {name}")
            raise errors.METHOD_NOT_FOUND
        return METHODS[name.lower()]

    def _check(self, token: str) -> None:
        if token != self._world.token:
            raise errors.UNAUTHORIZED

    def _read(self, method: Method, request: Request) -> RawParameters:
        try:
            return read_parameters(request)
        except ProtocolError as error:
            self._world.violations.append(f"{method.name}: {error.description}")
            raise

    def _download(self, request: Request) -> Answer:
        token, _, path = request.path.removeprefix("/file/bot").partition("/")
        self._check(token)

        def serve() -> Reply:
            stored = self._world.files.at_path(path)
            if stored is None:
                return refusal(errors.NOT_FOUND)
            return Response(stored.read(), content_type="application/octet-stream")

        fault = self._faults.strike(DOWNLOAD, 0, {"path": path})
        return self._under(fault, serve)

    def _call(self, method: Method, raw: RawParameters, arrived: float) -> Answer:
        world, chat = self._world, _chat_number(raw)

        def log(reply: Reply) -> Reply:
            code = reply.status if reply else 0
            with world.changed:
                world.calls.append(Call(method.name, chat, raw.values, arrived, code))
                world.changed.notify_all()
            return reply

        async def log_later(reply: Awaitable[Reply]) -> Reply:
            try:
                return log(await reply)
            except asyncio.CancelledError:
                log(None)
                raise

        with world.changed:
            if method.is_send:
                world.sends.record(arrived, chat)
            fault = self._faults.strike(method.name, chat, raw.values)
            answer = self._under(fault, lambda: self._act(method, raw, chat, arrived))
            world.changed.notify_all()
        return log_later(answer) if isinstance(answer, Awaitable) else log(answer)

    def _under(self, fault: Fault | None, act: Callable[[], Answer]) -> Answer:
        if fault is None:
            return act()
        effect = fault.effect
        if not effect.acts:
            return self._hold_back(fault, act) if effect.holds else effect.answer
        answer = act()
        if effect.holds:
            return self._hold_answer(fault, answer)
        # Only what is answered at once can be cut or garbled after the deed; a long poll goes on.
        if not isinstance(answer, Response):
            return answer
        if effect.cuts:
            return None
        return Response(answer.body[: len(answer.body) // 2]) if effect.garbles else answer

    async def _hold_back(self, fault: Fault, act: Callable[[], Answer]) -> Reply:
        await fault.released()
        answer = self._locked(act)
        return await answer if isinstance(answer, Awaitable) else answer

    async def _hold_answer(self, fault: Fault, answer: Answer) -> Reply:
        reply = await answer if isinstance(answer, Awaitable) else answer
        await fault.released()
        return reply

    def _locked(self, act: Callable[[], Answer]) -> Answer:
        with self._world.changed:
            answer = act()
            self._world.changed.notify_all()
        return answer

    def _act(self, method: Method, raw: RawParameters, chat: int, arrived: float) -> Answer:
        world = self._world
        try:
            parameters = Parameters(raw, method.parameters)
            for name, sentence in method.required.items():
                if name not in parameters and name not in raw.files:
                    raise ProtocolError(sentence)
            if method.is_send and (seconds := world.sends.accept(arrived, chat)):
                raise errors.too_many_requests(seconds)
            if method.name == "getUpdates":
                return self._get_updates(parameters)
            result = ANSWERS[method.name](world, parameters)
        except ProtocolError as error:
            world.violations.append(f"{method.name}: {error.description}")
            return refusal(error)
        except ApiError as error:
            return refusal(error)
        if parameters.unclaimed_files:
            world.violations.append(f"{method.name}: a file that no parameter names")
        if method.name in ("setWebhook", "deleteWebhook"):
            self._webhook_changed()
        return _success(json.dumps(result).encode())

    def _webhook_changed(self) -> None:
        if self._world.webhook is not None:
            self.wake_poll(errors.TERMINATED_BY_WEBHOOK)
        self._on_webhook_change()

    def _get_updates(self, parameters: Parameters) -> Answer:
        if self._world.webhook is not None:
            raise errors.POLLING_WHILE_WEBHOOK
        self.wake_poll(errors.SECOND_POLLER)
        if "allowed_updates" in parameters:
            self._world.updates.allow(parameters.values["allowed_updates"])
        offset = parameters.integer("offset")
        limit = min(max(parameters.integer("limit", MOST_UPDATES), 1), MOST_UPDATES)
        batch = self._fetch(offset, limit)
        timeout = min(max(parameters.integer("timeout"), 0), LONGEST_POLL)
        if batch or not timeout:
            return _updates(batch)
        self._poll = asyncio.get_running_loop().create_future()
        return self._long_poll(self._poll, offset, limit, timeout)

    def _fetch(self, offset: int, limit: int) -> list[bytes]:
        with self._world.changed:
            return self._world.updates.fetch(offset, limit, self._world.clock())

    async def _long_poll(self, poll: "asyncio.Future[ApiError | None]", offset: int, limit: int, timeout: int) -> Reply:
        try:
            async with asyncio.timeout(timeout):
                while not (batch := self._fetch(offset, limit)):
                    if error := await poll:
                        return refusal(error)
                    self._poll = poll = asyncio.get_running_loop().create_future()
        except TimeoutError:
            batch = []
        finally:
            # A poll whose caller hung up, or that was answered, is no rival to the next one.
            if self._poll is poll:
                self._poll = None
        return _updates(batch)


def _updates(batch: list[bytes]) -> Response:
    return _success(b"[" + b",".join(batch) + b"]")


def _chat_number(raw: RawParameters) -> int:
    try:
        return int(raw.values.get("chat_id", "0"))
    except ValueError:
        return 0
