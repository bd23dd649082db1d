import textwrap

import pytest

from kf_airflow.hcl import hcl


def written(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


def test_a_resource_has_its_attributes_before_its_blocks() -> None:
    document = {
        "resource": {
            "aws_x": {
                "one": {
                    "rule": [{"port": 1, "more": {"a": "b"}}, {"port": 2}],
                    "tags": {"Name": "x"},
                    "name": "${aws_y.two.name}",
                }
            }
        }
    }

    assert hcl(document, {"resource.aws_x.one": {"rule": {"more": {}}}}) == written(
        """
        resource "aws_x" "one" {
          tags = {
            Name = "x"
          }
          name = aws_y.two.name

          rule {
            port = 1

            more {
              a = "b"
            }
          }

          rule {
            port = 2
          }
        }
        """
    )


def test_what_is_no_block_is_a_list_of_objects() -> None:
    document = {"resource": {"aws_x": {"one": {"rule": [{"port": 1}]}}}}

    assert hcl(document, {}) == written(
        """
        resource "aws_x" "one" {
          rule = [
            {
              port = 1
            },
          ]
        }
        """
    )


def test_addresses_stand_without_quotes() -> None:
    document = {
        "resource": {
            "aws_x": {
                "one": {
                    "depends_on": ["aws_y.two"],
                    "provider": "aws.west",
                    "lifecycle": {
                        "ignore_changes": ["tags", "rule[0].port"],
                        "postcondition": [{"condition": '${self.id != ""}', "error_message": "None."}],
                    },
                }
            }
        },
        "moved": [{"from": "aws_x.old", "to": "aws_x.one"}],
    }

    assert hcl(document, {}) == written(
        """
        resource "aws_x" "one" {
          depends_on = [
            aws_y.two,
          ]
          provider = aws.west

          lifecycle {
            ignore_changes = [
              tags,
              rule[0].port,
            ]

            postcondition {
              condition = self.id != ""
              error_message = "None."
            }
          }
        }

        moved {
          from = aws_x.old
          to = aws_x.one
        }
        """
    )


def test_an_argument_may_be_called_as_an_address_is() -> None:
    document = {"resource": {"aws_x": {"one": {"to": "b", "block": {"provider": "p"}}}}}

    assert hcl(document, {"resource.aws_x.one": {"block": {}}}) == written(
        """
        resource "aws_x" "one" {
          to = "b"

          block {
            provider = "p"
          }
        }
        """
    )


def test_settings_of_terraform_are_written_as_it_wants_them() -> None:
    document = {
        "terraform": {
            "required_version": ">= 1.11",
            "required_providers": {"aws": {"source": "aws"}},
            "backend": {"s3": {"bucket": "b"}},
            "cloud": {"workspaces": {"name": "w"}},
        },
        "provider": {"aws": [{"region": "r"}]},
    }

    assert hcl(document, {}) == written(
        """
        terraform {
          required_version = ">= 1.11"

          required_providers {
            aws = {
              source = "aws"
            }
          }

          backend "s3" {
            bucket = "b"
          }

          cloud {
            workspaces {
              name = "w"
            }
          }
        }

        provider "aws" {
          region = "r"
        }
        """
    )


def test_variables_have_types_and_conditions() -> None:
    document = {
        "variable": {
            "size": {
                "type": "list(number)",
                "default": [1],
                "description": "A ${size}.",
                "validation": [{"condition": "${var.size > 0}", "error_message": "Not ${var.size}."}],
            }
        },
        "output": {"id": {"value": "${aws_x.one.id}", "description": "An id."}},
    }

    assert hcl(document, {}) == written(
        """
        variable "size" {
          type = list(number)
          default = [
            1,
          ]
          description = "A $${size}."

          validation {
            condition = var.size > 0
            error_message = "Not ${var.size}."
          }
        }

        output "id" {
          value = aws_x.one.id
          description = "An id."
        }
        """
    )


def test_remarks_become_comments() -> None:
    document = {
        "resource": {"aws_x": {"one": {"//": {"metadata": {"path": "a/b"}, "checkov": {"CKV_1": "why"}}}}}
    }

    assert hcl(document, {}) == written(
        """
        resource "aws_x" "one" {
          # a/b
          # checkov:skip=CKV_1:why
        }
        """
    )


def test_a_section_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="a section of the stack is called 'check': known are data"):
        hcl({"check": {}}, {})
