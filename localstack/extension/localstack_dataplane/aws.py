"""LocalStack's own API, called from inside it."""

from collections.abc import Callable
from typing import Any, Protocol


class Aws(Protocol):
    """Makes clients of the AWS API."""

    def client(self, service: str, account: str, region: str) -> Any:
        """A boto3 client that acts for one account in one region."""
        ...


class InternalAws:
    """Clients whose calls do not count as requests from outside.

    Args:
        connect_to: `localstack.aws.connect.connect_to`, which keeps the clients it makes.
    """

    def __init__(self, connect_to: Callable[..., Any]) -> None:
        self._connect_to = connect_to

    def client(self, service: str, account: str, region: str) -> Any:
        """A boto3 client that acts for one account in one region."""
        factory = self._connect_to(
            aws_access_key_id=account,
            aws_secret_access_key="test",  # noqa: S106 - LocalStack checks none
            region_name=region,
        )
        return factory.get_client(service)
