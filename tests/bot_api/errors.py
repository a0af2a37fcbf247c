"""Refusals in the words of the Bot API.

Source of codes and sentences: the published server, tdlib/telegram-bot-api (Client.cpp, ClientManager.cpp, Query.cpp).
"""

import json


class ApiError(Exception):
    """A refusal: HTTP status, the same `error_code`, a description, and at times `parameters`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> bytes:
        """The JSON body that Telegram answers with."""
        answer: dict[str, object] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            answer["parameters"] = self.parameters
        return json.dumps(answer).encode()


class ProtocolError(ApiError):
    """A refusal that only a faulty bot can meet; the stand-in also collects it as a violation."""

    def __init__(self, description: str) -> None:
        super().__init__(400, f"Bad Request: {description}")


def bad_request(description: str, **parameters: int) -> ApiError:
    """400: the request was understood and does not fit what Telegram knows now."""
    return ApiError(400, f"Bad Request: {description}", **parameters)


def forbidden(description: str) -> ApiError:
    """403: the person or the group does not let the bot write."""
    return ApiError(403, f"Forbidden: {description}")


def too_many_requests(retry_after: int) -> ApiError:
    """429: the whole bot is asked to pause for `retry_after` seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def conflict(description: str) -> ApiError:
    """409: two ways of fetching updates at once."""
    return ApiError(409, f"Conflict: {description}")


BLOCKED = forbidden("bot was blocked by the user")
DEACTIVATED = forbidden("user is deactivated")
NEVER_STARTED = forbidden("bot can't initiate conversation with a user")
CHAT_NOT_FOUND = bad_request("chat not found")
QUERY_TOO_OLD = bad_request("query is too old and response timeout expired or query ID is invalid")
NOT_MODIFIED = bad_request(
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
SECOND_POLLER = conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
POLLING_WHILE_WEBHOOK = conflict(
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
TERMINATED_BY_WEBHOOK = conflict("terminated by setWebhook request")
UNAUTHORIZED = ApiError(401, "Unauthorized")
NOT_FOUND = ApiError(404, "Not Found")
METHOD_NOT_FOUND = ApiError(404, "Not Found: method not found")
TOO_LARGE = ApiError(413, "Request Entity Too Large")
