"""`python -m tests.wechat_sandbox`: be a resident on WeChat, in a page. Ctrl-C ends it; nothing is kept.

The page is served on MINSHENG_HTTP_HOST and MINSHENG_HTTP_PORT, the program on a port of its own.
"""

import asyncio
import signal
import sys
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from bot.serving import CannotListen, listen
from bot.settings import BadSettings, load_settings
from tests.kill.bot_process import BotFailed
from tests.wechat_api import WeChatStandIn
from tests.wechat_sandbox.pages import Pages
from tests.wechat_sandbox.sandbox import Sandbox


def main() -> int:
    """0 when somebody ends it; 1 with a sentence on standard error where it cannot begin."""
    try:
        settings = load_settings()
        listener = listen(settings.http_host, settings.http_port)
    except (BadSettings, CannotListen) as error:
        print(error, file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: else the program would stay behind
    with (
        suppress(KeyboardInterrupt),
        closing(listener),
        TemporaryDirectory() as folder,
        WeChatStandIn() as stand_in,
        Sandbox(Path(folder), stand_in) as sandbox,
    ):
        try:
            asyncio.run(sandbox.start())
        except BotFailed as failed:
            print(f"程序没有启动。The program did not start:\n{failed}", file=sys.stderr)
            return 1
        print(f"微信沙盒 WeChat sandbox:  http://127.0.0.1:{listener.getsockname()[1]}/")
        print(f"  网页聊天 web chat:  {sandbox.address}/chat", flush=True)
        config = uvicorn.Config(Pages(sandbox).app(), log_level="error", lifespan="off")
        uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
