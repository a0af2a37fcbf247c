"""`python -m tests.bot_api [PORT]`: a stand-in to talk to by hand.

Each line read is what somebody says, as `NUMBER TEXT`; a text that is the label of a button of the last
keyboard presses it. What the bot sends is printed.
"""

import sys
import threading

from tests.bot_api import BotApiStandIn, Received


def show(stand_in: BotApiStandIn) -> None:
    """Prints the bot's messages as they come, for ever."""
    shown: list[Received] = []
    while True:
        stand_in.wait_until(lambda: len(stand_in.messages) > len(shown), timeout=threading.TIMEOUT_MAX)
        for message in stand_in.messages[len(shown) :]:
            buttons = " ".join(f"[{button.text}]" for button in message.buttons)
            print(f"→ {message.chat_id} {message.kind}: {message.text} {buttons}".rstrip(), flush=True)
            shown.append(message)


def main() -> None:
    """Serves until the input ends."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with BotApiStandIn(port=port) as stand_in:
        print(f"MINSHENG_TELEGRAM__API_BASE={stand_in.base_url}")
        print(f"MINSHENG_TELEGRAM__TOKEN={stand_in.token}", flush=True)
        threading.Thread(target=show, args=(stand_in,), daemon=True).start()
        for line in sys.stdin:
            number, _, text = line.strip().partition(" ")
            person = stand_in.person(int(number))
            if text in [button.text for button in person.buttons]:
                person.taps(text)
            else:
                person.says(text)


if __name__ == "__main__":
    main()
