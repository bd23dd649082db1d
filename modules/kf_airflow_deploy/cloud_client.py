"""A connection to Terraform Cloud or Enterprise, by `pytfe`, whose errors people understand."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import ValidationError
from pytfe import TFEClient, TFEConfig
from pytfe import errors as refusals

from kf_airflow_deploy.cloud_address import CloudWorkspace
from kf_airflow_deploy.credentials import Token
from kf_airflow_deploy.errors import DeployError

INTERVAL_SECONDS = 1.0


class CloudClient:
    """What everything that is asked of the API has in common.

    Args:
        place: The workspace that is worked in.
        token: The token.

    Attributes:
        interval_seconds: Time between two looks at what is awaited.
        once: Asks once.
        patient: Asks again when no answer comes: for what may be done twice.
    """

    def __init__(self, place: CloudWorkspace, token: Token) -> None:
        self.place = place
        self.origin = token.origin
        self.interval_seconds = INTERVAL_SECONDS
        # What they log where PYTFE_LOG asks for it has the values of variables, and secret addresses.
        for name in ("pytfe", "httpx"):
            logging.getLogger(name).setLevel(logging.WARNING)
        config = TFEConfig(
            address=place.url,
            token=token.value,
            user_agent_suffix="kf-airflow",
            verify_tls=True,
            # httpx itself reads SSL_CERT_FILE, and warns of pytfe's way of it.
            ca_bundle=None,
        )
        # pytfe asks again when no answer came, also for what must not be done twice.
        self.once = TFEClient(config.model_copy(update={"max_retries": 0}))
        self.patient = TFEClient(config)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.once.close()
        self.patient.close()

    def data(self, path: str, what: str) -> dict[str, Any]:
        """Returns a resource of the API, whatever pytfe knows of its attributes."""
        with self.told(what):
            data: dict[str, Any] = self.patient.runs.t.request("GET", f"/api/v2/{path}").json()["data"]
        return data

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """Makes a sentence of what goes wrong; nothing of what was sent is in it."""
        host = self.place.host
        try:
            yield
        except refusals.AuthError as error:
            if error.status == httpx.codes.UNAUTHORIZED:
                raise DeployError(
                    f"{host} does not accept the token in {self.origin}: make a new one "
                    f"(`terraform login {host}`)."
                ) from None
            raise DeployError(f"{host} does not let the token in {self.origin} {what}.") from None
        except refusals.NotFound:
            raise DeployError(
                f"{host} cannot {what}: it is not there, or the token in {self.origin} may not."
            ) from None
        except refusals.TFEError as error:
            if error.status is None:
                raise DeployError(f"{host} cannot be reached to {what} ({error}).") from None
            raise DeployError(f"{host} refused to {what} ({error}).") from None
        except (httpx.HTTPError, ValidationError, ValueError, LookupError, TypeError) as error:
            raise DeployError(
                f"{host} gave an answer that is none of Terraform Cloud's when asked to {what} "
                f"({type(error).__name__})."
            ) from None
