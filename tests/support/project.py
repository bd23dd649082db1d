"""Where the project is."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "build/reports"
E2E_REPORT = REPORTS / "e2e"
