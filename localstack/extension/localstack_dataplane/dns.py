"""DNS for the containers: our names from the table, everything else from the resolver upstream."""

import logging
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dnslib import QTYPE, RCODE, RR, SRV, A
from dnslib.server import BaseResolver, DNSServer

from localstack_dataplane.names import Names

LOG = logging.getLogger(__name__)

_TTL_SECONDS = 1
_TIMEOUT_SECONDS = 5
_PORT = 53


class Resolver(BaseResolver):  # type: ignore[misc]
    """Answers one question.

    Args:
        names: Our names.
        upstream: Address of the resolver that knows the rest.
    """

    def __init__(self, names: Names, upstream: str) -> None:
        self._names, self._upstream = names, upstream

    def resolve(self, request: Any, handler: Any) -> Any:
        """Answer a request that dnslib has parsed."""
        host = str(request.q.qname)
        addresses, services = self._names.resolve(host), self._names.services(host)
        if addresses is None and not services:
            return self._forward(request, handler)
        reply = request.reply()
        reply.header.ra = 1
        if not (addresses or services):
            reply.header.rcode = RCODE.NXDOMAIN
            return reply
        answers: list[tuple[Any, Any]] = []
        if request.q.qtype in {QTYPE.A, QTYPE.ANY}:
            answers += [(QTYPE.A, A(address)) for address in self._chosen(host, addresses or ())]
        if request.q.qtype in {QTYPE.SRV, QTYPE.ANY}:
            answers += [(QTYPE.SRV, SRV(1, 1, *service)) for service in self._chosen(host, services)]
        for kind, data in answers:
            reply.add_answer(RR(request.q.qname, kind, ttl=_TTL_SECONDS, rdata=data))
        return reply

    def _chosen(self, host: str, values: Sequence[Any]) -> Sequence[Any]:
        """All values, or as many of them by chance as an answer may have."""
        limit = self._names.limit(host)
        return values if limit is None or len(values) <= limit else random.sample(values, limit)

    def _forward(self, request: Any, handler: Any) -> Any:
        try:
            answer = request.send(
                self._upstream, _PORT, tcp=handler.protocol == "tcp", timeout=_TIMEOUT_SECONDS
            )
            return type(request).parse(answer)
        except (TimeoutError, OSError) as error:
            LOG.debug("%s is not resolved: %s", request.q.qname, error)
            reply = request.reply()
            reply.header.rcode = RCODE.SERVFAIL
            return reply


class DnsServer:
    """Serves UDP and TCP.

    Args:
        names: Our names.
        address: Where to listen.
        upstream: Resolver for the rest; the container's own if left out.
        port: 53 if left out.
    """

    def __init__(self, names: Names, address: str, upstream: str | None = None, port: int = _PORT) -> None:
        resolver = Resolver(names, upstream or system_resolver())
        quiet = _Quiet()
        self._servers = [
            DNSServer(resolver, address=address, port=port, tcp=tcp, logger=quiet) for tcp in (False, True)
        ]

    def start(self) -> None:
        """Start serving in threads."""
        for server in self._servers:
            server.start_thread()

    def stop(self) -> None:
        """Stop serving."""
        for server in self._servers:
            server.stop()
            server.server.server_close()


class _Quiet:
    """dnslib's logger interface, silent: a line for each question would be most of LocalStack's log."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def system_resolver(path: Path = Path("/etc/resolv.conf")) -> str:
    """The first name server of the container; Docker's own if none is named."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and ":" not in words[1]:
            return words[1]
    return "127.0.0.11"
