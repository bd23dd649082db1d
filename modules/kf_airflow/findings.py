"""Findings of security scanners that we accept, each beside its resource and with its reason."""

from __future__ import annotations

from cdktf import TerraformElement


def accept_finding(element: TerraformElement, check: str, reason: str) -> None:
    """Writes into an element's comment in the synthesized JSON that a check of checkov does not apply to it.

    `nox -s security` reads it there, and fails on one that is not needed.

    Args:
        element: The resource. CDKTF keeps no comments of data sources.
        check: The check's id, such as `CKV_AWS_18`.
        reason: Why the finding is right to be there, as a sentence without a full stop.
    """
    element.add_override(f"//.checkov.{check}", reason)
