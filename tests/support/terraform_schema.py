"""What a provider says of the types it knows: which of their arguments are blocks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kf_airflow.hcl import Blocks

Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]
"""The schemas of a provider's types by section and type, `resource.aws_vpc`; `provider` is its own."""

SECTIONS = {"resource": "resource_schemas", "data": "data_source_schemas"}


@dataclass(frozen=True)
class Disagreement:
    """What somebody takes for a block that is none, or the other way around.

    Args:
        path: Where it is.
        block: Whether it is one to the provider.
    """

    path: str
    block: bool


def of_provider(answer: Mapping[str, Any]) -> Schemas:
    """Returns the schemas in Terraform's answer to `terraform providers schema -json`."""
    (aws,) = (found for name, found in answer["provider_schemas"].items() if name.endswith("/aws"))
    types = {
        f"{section}.{type_}": schema["block"]
        for section, key in SECTIONS.items()
        for type_, schema in aws[key].items()
    }
    return {"provider": aws["provider"]["block"], **types}


def blocks_of(document: Mapping[str, Any], schemas: Schemas) -> dict[str, Blocks]:
    """Returns what is a block in a stack, by address."""
    return {address: _blocks(schema) for address, schema, _ in _bodies(document, schemas)}


def disagreements(
    document: Mapping[str, Any], schemas: Schemas, blocks: Mapping[str, Blocks]
) -> Iterator[Disagreement]:
    """Yields where `blocks` are not what the provider takes for blocks, of all that it knows in a stack."""
    for address, schema, body in _bodies(document, schemas):
        yield from _compared(address, body, schema, blocks[address])


def _compared(path: str, body: Any, schema: Schema, blocks: Blocks) -> Iterator[Disagreement]:
    for one in body if isinstance(body, list) else [body]:
        for name, value in one.items():
            inner = schema.get("block_types", {}).get(name)
            known = inner is not None or name in schema.get("attributes", {})
            if known and (inner is not None) != (name in blocks):
                yield Disagreement(f"{path}.{name}", inner is not None)
            elif inner is not None:
                yield from _compared(f"{path}.{name}", value, inner["block"], blocks[name])


def _bodies(document: Mapping[str, Any], schemas: Schemas) -> Iterator[tuple[str, Schema, Any]]:
    for body in document["provider"]["aws"]:
        yield "provider.aws", schemas["provider"], body
    for section in SECTIONS:
        for type_, named in document.get(section, {}).items():
            for name, body in named.items():
                if f"{section}.{type_}" in schemas:
                    yield f"{section}.{type_}.{name}", schemas[f"{section}.{type_}"], body


def _blocks(schema: Schema) -> Blocks:
    return {name: _blocks(inner["block"]) for name, inner in schema.get("block_types", {}).items()}
