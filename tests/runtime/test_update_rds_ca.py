import importlib.util
from types import ModuleType

import pytest
from project import ROOT

from kf_airflow_runtime import certificates

BUNDLE = (ROOT / "docker/certificates/rds-global-bundle.pem").read_text()
FIRST = BUNDLE[: BUNDLE.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----"


@pytest.fixture(scope="module")
def update() -> ModuleType:
    specification = importlib.util.spec_from_file_location("update_rds_ca", ROOT / "docker/update_rds_ca.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_certificates_are_read_from_lines_of_javascript(update: ModuleType) -> None:
    lines = "' +\n        '".join(line + "\\n" for line in FIRST.splitlines())
    assert update.certificates(f"exports.defaults = [\n    '{lines}',\n];") == [FIRST]


def test_a_valid_authority_is_of_use(update: ModuleType) -> None:
    assert update.is_of_use(FIRST, 0.0)


def test_an_expired_authority_is_of_none(update: ModuleType) -> None:
    assert not update.is_of_use(FIRST, 10.0**11)


def test_what_it_wrote_is_what_the_image_takes_for_pem() -> None:
    assert certificates.is_pem(BUNDLE)
