"""Calls that fail because of what they ask, for the contract suite."""

from collections.abc import Callable
from typing import Any

import pytest


def refused(call: Callable[..., Any], **request: Any) -> str:
    """Makes a call that fails because of what it asks, and returns the code of the error."""
    with pytest.raises(Exception, match=r".") as caught:
        call(**request)
    response = getattr(caught.value, "response", None)
    assert response is not None, caught.value
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    code: str = response["Error"]["Code"]
    return code
