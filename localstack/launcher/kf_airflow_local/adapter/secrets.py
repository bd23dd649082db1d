"""Random values and write-only arguments, which came with later Terraforms and providers.

They keep secrets out of Terraform's state. The local state holds values of this one machine, and goes with
``down``.
"""

from kf_airflow_local.adapter.document import (
    Block,
    Document,
    add,
    drop,
    rename,
    replace_reference,
    resources,
    take,
)

RANDOM_PASSWORD = "aws_secretsmanager_random_password"  # noqa: S105


def random_value() -> Block:
    """Return a ``terraform_data`` whose output is random and stays as it was at first."""
    return {"input": "${sensitive(uuid())}", "lifecycle": {"ignore_changes": ["input"]}}


def random_text(identifier: str, length: int = 32) -> str:
    """Return the expression of a random hexadecimal text.

    Args:
        identifier: Id of a ``terraform_data`` with a random value.
        length: Number of characters, at most 128.
    """
    return f"substr(sha512(terraform_data.{identifier}.output), 0, {length})"


def adapt_random_passwords(document: Document) -> None:
    """Replace the ephemeral random passwords by stable random values."""
    ephemeral = document.pop("ephemeral", {})
    for identifier, block in ephemeral.pop(RANDOM_PASSWORD, {}).items():
        add(document, "terraform_data", identifier, random_value())
        replace_reference(
            document,
            rf"ephemeral\.{RANDOM_PASSWORD}\.{identifier}\.random_password\b",
            random_text(identifier, int(block.get("password_length", 32))),
        )
    if ephemeral:
        document["ephemeral"] = ephemeral


def adapt_rotations(document: Document) -> None:
    """Leave out how often RDS changes a master password: the local one stays as it is."""
    take(document, "aws_secretsmanager_secret_rotation")


def adapt_secret_versions(document: Document) -> None:
    """Turn write-only secret strings into plain arguments."""
    for block in resources(document, "aws_secretsmanager_secret_version").values():
        rename(block, {"secret_string_wo": "secret_string"})
        drop(block, "secret_string_wo_version")
