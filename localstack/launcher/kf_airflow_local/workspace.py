"""Where the launcher reads and writes."""

from dataclasses import dataclass, field
from pathlib import Path

INSTANCE = "kf-airflow-local"
"""Name of the one local system: of its Docker network, and the value of its instance label."""

REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Workspace:
    """The paths that the launcher uses.

    Args:
        root: Root of the repository. Left out, the one that this package was installed from.
    """

    root: Path = field(default=REPOSITORY)

    @property
    def local(self) -> Path:
        """State of the running system; ``down`` removes it."""
        return self.root / "build" / "local"

    @property
    def reports(self) -> Path:
        """What was measured and seen; stays."""
        return self.root / "build" / "reports"

    @property
    def engine(self) -> Path:
        """Log and process id of an engine that ``up`` started; stays as long as that engine."""
        return self.root / "build" / "engine"

    @property
    def certificates(self) -> Path:
        """The local certificate authority."""
        return self.local / "ca"

    @property
    def terraform(self) -> Path:
        """Terraform's working directory, its state included."""
        return self.local / "terraform"

    @property
    def state(self) -> Path:
        """Terraform's state."""
        return self.terraform / "terraform.tfstate"

    @property
    def log(self) -> Path:
        """Everything that Terraform said."""
        return self.local / "terraform.log"

    @property
    def synthesized(self) -> Path:
        """Where the project is synthesized to."""
        return self.local / "cdktf.out"
