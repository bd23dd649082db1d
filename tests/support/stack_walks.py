"""Walks over a synthesized stack that find what must not be in it."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from synthesis import Synthesized

_INGRESS_BLOCKS = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks")

# At the end of a name: `..._SECRET_ARN` and `password_length` are no secrets.
_SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:pass(?:word|wd|phrase)?|secret(?:_?key|_string)?|(?:auth_?)?token|fernet_?key|api_?key|"
    r"private_?key|access_?key(?:_id)?|credentials?)(?:_wo)?$",
    re.IGNORECASE,
)
_PATTERNS = {
    "an access key of AWS": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a password in a URL": re.compile(r"\w://[^/\s:@]*:[^/\s:@${}]+@"),
    "a JSON web token": re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}"),
}
_EXPRESSION = re.compile(r"\$\{[^{}]*\}")
_ADDRESS = re.compile(r"\b(?:aws_\w+|terraform_data)\.[\w-]+")
_ARN = re.compile(r"arn:[\w-]+:[\w-]*:[\w-]*:\d*:[^\s\"]*")
_TLS_POLICY = re.compile(r"\bELBSecurityPolicy-[\w-]+")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_WORD = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
# Random base64 of 32 characters has 4.4 bits a character on average; names and words have fewer than 3.8.
_RANDOM_BITS = 4.0
# Addresses of other resources, and names of arguments.
_META_ARGUMENTS = {"//", "depends_on", "lifecycle", "provider"}
_ASSIGNMENT = re.compile(r'"?([\w-]+)"?\s*[=:]\s*"([^"$]+)"')


def ingress_blocks(stack: Synthesized) -> Iterator[tuple[str, str]]:
    """Yields (resource, CIDR block) of everything that lets traffic in."""
    for type_, named in stack.document.get("resource", {}).items():
        for id_, resource in named.items():
            if type_ == "aws_vpc_security_group_ingress_rule" or (
                type_ == "aws_security_group_rule" and resource["type"] == "ingress"
            ):
                rules = [resource]
            elif type_ in {"aws_security_group", "aws_default_security_group"}:
                rules = _listed(resource.get("ingress"))
            else:
                continue
            for rule in rules:
                for argument in _INGRESS_BLOCKS:
                    for block in _listed(rule.get(argument)):
                        yield f"{type_}.{id_}", block


def is_open(block: str) -> bool:
    """Whether a block is a large part of the internet: shorter than the largest block one owner has, a /8."""
    if "${" in block:
        return False  # the network's own: options are literals
    network = ip_network(block)
    return network.prefixlen < 8 and not network.is_private


def secret_literals(stack: Synthesized) -> list[str]:
    """Returns where a value that looks like a secret is written out, and why it looks so."""
    document = dict(stack.document)
    # LocalStack takes any credentials, and has to be given some.
    providers = [block for block in _listed(document["provider"]["aws"]) if "endpoints" not in block]
    document["providers"] = providers
    return [f"{path}: {reason}" for path, reason in _looks_secret(document, "stack", "")]


def _looks_secret(value: Any, path: str, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if set(value) == {"name", "value"}:  # an environment variable
            yield from _looks_secret(value["value"], f"{path}.{value['name']}", str(value["name"]))
            return
        for key, item in value.items():
            if key not in _META_ARGUMENTS:
                yield from _looks_secret(item, f"{path}.{key}", key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _looks_secret(item, f"{path}[{index}]", name)
    elif isinstance(value, str):
        try:
            nested = json.loads(value)
        except ValueError:
            nested = None
        if isinstance(nested, dict | list):
            yield from _looks_secret(nested, path, name)
        else:
            yield from ((path, reason) for reason in _reasons(name, value))


def _reasons(name: str, value: str) -> Iterator[str]:
    plain = value
    for harmless in (_EXPRESSION, _ADDRESS, _ARN, _TLS_POLICY, _CERTIFICATE):
        plain = harmless.sub("", plain)
    if _SECRET_NAME.search(name) and plain and "${" not in value and not value.startswith("arn:"):
        yield f"{name} is written out"
    if "${" in value:
        for key, literal in _ASSIGNMENT.findall(value):
            if _SECRET_NAME.search(key):
                yield f"{key} is written out as {len(literal)} characters"
    for what, pattern in _PATTERNS.items():
        if pattern.search(value):
            yield f"looks like {what}"
    for word in _WORD.findall(plain):
        if _is_mixed(word) and _bits_a_character(word) > _RANDOM_BITS:
            yield f"{word[:4]}... looks random"


def _is_mixed(word: str) -> bool:
    # A region has one digit.
    return all(len(re.findall(kind, word)) > 1 for kind in ("[a-z]", "[A-Z]", "[0-9]"))


def _bits_a_character(word: str) -> float:
    counts = Counter(word).values()
    return -sum(count / len(word) * math.log2(count / len(word)) for count in counts)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
