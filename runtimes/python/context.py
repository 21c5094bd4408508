"""The second argument of `handler(event, context)`."""

from __future__ import annotations

from time import time


class Context:
    """Names as the contract has them, and their twins as they are on Lambda."""

    client_context = None
    identity = None

    def __init__(self, meta: dict[str, object], head: dict[str, object]) -> None:
        self._deadline = head["deadline"]
        version = str(meta["version"])
        self.requestId = self.request_id = self.aws_request_id = head["requestId"]
        self.functionName = self.function_name = head["path"]
        self.functionVersion = self.function_version = version
        self.memoryLimitInMB = self.memory_limit_in_mb = meta["memoryMb"]
        self.invoked_function_arn = (
            f"arn:faas:lambda:local:{meta['callbackId']}:function:{head['path']}:{version}"
        )
        self.log_group_name = f"/faas/{head['path']}"
        self.log_stream_name = version

    def get_remaining_time_in_millis(self) -> int:
        """Until the call is ended."""
        return max(0, int(self._deadline - time() * 1000))

    getRemainingTimeInMillis = get_remaining_time_in_millis
