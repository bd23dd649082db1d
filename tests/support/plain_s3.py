"""S3 for plain containers: moto, which is made to fail, to throttle, to hang, or to lose its answers."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from docker.models.networks import Network
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

BUCKET, PREFIX = "logs", "airflow"
_REGION = "us-east-1"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_ERROR = "<?xml version='1.0'?><Error><Code>{0}</Code><Message>made for a test</Message></Error>"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class _Fault:
    code: str
    methods: tuple[str, ...]
    hits: int = 0


class PlainS3:
    """S3 on this machine, where the containers of a network reach it.

    Args:
        network: The network.
    """

    def __init__(self, network: Network) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else a line for each request
        network.reload()
        gateway = network.attrs["IPAM"]["Config"][0]["Gateway"]
        self._moto: Application = DomainDispatcherApplication(create_backend_app)
        self._fault: _Fault | None = None
        self._over = threading.Event()
        self._server = make_server(gateway, 0, self._answer, threaded=True)
        self.url = f"http://{gateway}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="plain-s3", daemon=True).start()
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=_REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self.client.create_bucket(Bucket=BUCKET)

    @property
    def variables(self) -> dict[str, str]:
        """What makes Airflow keep its logs here."""
        return {
            **_CREDENTIALS,
            "AWS_ENDPOINT_URL_S3": self.url,
            "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
            "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": f"s3://{BUCKET}/{PREFIX}",
        }

    @contextmanager
    def fault(self, code: str, *methods: str) -> Iterator[Callable[[], int]]:
        """Makes S3 fail while the block runs.

        Args:
            code: AWS's code of the error, which has status 503; `hang` for no answer at all, `lost` for one
                that is lost after the request was obeyed.
            *methods: Only requests with these; all if left out.

        Yields:
            Says how many requests ran into it.
        """
        fault = self._fault = _Fault(code, methods)
        self._over.clear()
        try:
            yield lambda: fault.hits
        finally:
            self._fault = None
            self._over.set()

    def objects(self, prefix: str = PREFIX) -> dict[str, bytes]:
        """All that is there, by key."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        return {key: self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}

    def close(self) -> None:
        """Ends it."""
        self._over.set()
        self._server.shutdown()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        fault = self._fault
        if fault is None or (fault.methods and environ["REQUEST_METHOD"] not in fault.methods):
            return self._moto(environ, start)
        fault.hits += 1
        if fault.code == "hang":
            self._over.wait(120)
        elif fault.code == "lost":
            b"".join(self._moto(environ, lambda *_: None))
        else:
            body = _ERROR.format(fault.code).encode()
            start("503 Service Unavailable", [("Content-Type", "text/xml"), ("Connection", "close")])
            return [body]
        environ["werkzeug.socket"].close()
        raise ConnectionResetError(fault.code)
