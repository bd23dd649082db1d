"""Checks that options, references and containers share. They refuse with a `ValueError`, in one sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

HIGHEST_PORT = 65535

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
_TAG = re.compile(r"[\w .:/=+@-]{0,256}")

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
_RULE_DESCRIPTION = re.compile(r"[A-Za-z0-9. _:/()#,@\[\]+=&;{}!$*-]{0,255}")

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"(?!xn--)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def between(key: str, value: int, lowest: int, highest: int) -> None:
    """Refuses a value out of a range, both ends of which are allowed."""
    if not lowest <= value <= highest:
        raise ValueError(f"{key} is {value}: allowed are {lowest} to {highest}")


def once(key: str, values: Iterable[str | int], *, each: str = "each") -> None:
    """Refuses a list that has something more than once."""
    twice = [repr(value) for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ValueError(f"{key} has {', '.join(twice)} twice: allowed is {each} once")


def arn(key: str, value: str | None) -> None:
    """Refuses what is neither an ARN nor one of Terraform's references, which stand for ARNs."""
    if value is not None and not value.startswith(("arn:", "${")):
        raise ValueError(f"{key} is {value!r}: allowed are ARNs")


def bucket(key: str, value: str | None) -> None:
    """Refuses what cannot be the name of an S3 bucket, and is none of Terraform's references."""
    if value is not None and not value.startswith("${") and not _BUCKET.fullmatch(value):
        raise ValueError(
            f"{key} is {value!r}: allowed are names of buckets, 3 to 63 lower-case letters, digits, points "
            "and hyphens"
        )


def sized(key: str, value: str, *, sizes: Mapping[str, Collection[str]], example: str) -> None:
    """Refuses what is of no family of machines, or of none of its sizes.

    Args:
        key: The setting it stands in.
        value: What it is, as `<service>.<family>.<size>`.
        sizes: The sizes of each family.
        example: What they are, such as one that there is: it ends with its name.

    Raises:
        ValueError: if it is not.
    """
    service = example.rpartition(" ")[2].partition(".")[0]
    match = re.fullmatch(rf"{service}\.([a-z0-9]+)\.([a-z0-9]+)", value)
    if match is None or match[1] not in sizes:
        raise ValueError(
            f"{key} is {value!r}: allowed are {example}, of the families {', '.join(sorted(sizes))}"
        )
    if match[2] not in sizes[match[1]]:
        raise ValueError(
            f"{key} is {value!r}: allowed of {service}.{match[1]} are {', '.join(sizes[match[1]])}"
        )


def recovery_window(key: str, days: int) -> int:
    """Returns `days` if Secrets Manager can keep a deleted secret for that long, and refuses them if not."""
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
    if days != 0 and not 7 <= days <= 30:
        raise ValueError(f"{key} is {days}: allowed are 0 and 7 to 30")
    return days


def tag(key: str, value: str) -> None:
    """Refuses what cannot be the value of a tag, and is none of Terraform's references."""
    if "${" not in value and not _TAG.fullmatch(value):
        raise ValueError(
            f"{key} is {value!r}: allowed are letters, digits, spaces and any of _.:/=+-@, "
            "at most 256 characters"
        )


def rule_description(key: str, value: str) -> str:
    """Returns `value` if a rule of a security group may be described so, and refuses it if not."""
    if not _RULE_DESCRIPTION.fullmatch(value):
        raise ValueError(
            f"{key} is {value!r}: allowed are letters, digits, spaces and any of ._-:/()#,@[]+=&;{{}}!$*, at "
            "most 255 characters"
        )
    return value


def cidr_block(said: str, value: str) -> IPv4Network | IPv6Network:
    """Returns a block of addresses as a network, and refuses what AWS would not take for one.

    Args:
        said: How the sentence begins.
        value: The block.
    """
    try:
        network = ip_network(value)
    except ValueError as error:
        raise ValueError(f"{said}, which is not a CIDR block: {error}") from error
    if str(network) != value:
        raise ValueError(f"{said}: allowed is {network}, which is how AWS writes it")
    return network
