"""The stack that the documentation draws."""

import pytest
import stacks

from kf_airflow_site.drawn_stack import DrawnStack


@pytest.fixture(scope="session")
def prd() -> DrawnStack:
    return DrawnStack(stacks.synthesized("config/prd").document)
