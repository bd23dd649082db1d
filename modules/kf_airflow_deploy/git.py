"""The git repository that is released, through git itself."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kf_airflow_deploy.errors import DeployError


class Repository:
    """A clone and its working tree.

    Args:
        root: Where it is.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *arguments: str, text: str | None = None, index: Path | None = None) -> str:
        """Run git and return what it printed.

        Args:
            arguments: Its arguments.
            text: What it reads. Nothing if left out.
            index: An index other than the working tree's. That one if left out.

        Raises:
            DeployError: When it fails, with its last words.
        """
        # No question for a password may stand in the way of a pipeline that nobody looks at.
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        if index is not None:
            environment["GIT_INDEX_FILE"] = str(index)
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env=environment,
            input=text or "",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            words = [line for line in done.stderr.strip().splitlines() if not line.startswith("hint:")]
            raise DeployError(f"git {arguments[0]} failed: {' '.join(words) or done.returncode}")
        return done.stdout.rstrip("\n")

    def tells(self, *arguments: str) -> str | None:
        """Return what git printed, or None where it failed: for what need not be there."""
        try:
            return self.run(*arguments)
        except DeployError:
            return None

    def branch(self) -> str | None:
        """Return the branch that is checked out, or None where a commit is."""
        return self.tells("symbolic-ref", "--quiet", "--short", "HEAD")

    def head(self) -> str:
        """Return the commit that is checked out."""
        return self.run("rev-parse", "HEAD")

    def changes(self) -> list[str]:
        """Return the files that are not as they are committed, and those that git does not know."""
        return [line[3:] for line in self.run("status", "--porcelain").splitlines()]

    def tags(self) -> list[str]:
        """Return the names of the tags here."""
        return self.run("tag", "--list").split()

    def tags_at(self, commit: str) -> list[str]:
        """Return the names of the tags of a commit."""
        return self.run("tag", "--list", "--points-at", commit).split()

    def remote(self, branch: str) -> str | None:
        """Return the name of the remote that a branch follows, else that of the only one, else None."""
        found = self.tells("config", f"branch.{branch}.remote")
        every = self.run("remote").split()
        return found or (every[0] if len(every) == 1 else None)

    def references_of(self, remote: str) -> dict[str, str]:
        """Return the branches and tags of a remote, with the commit or tag that each is."""
        lines = self.run("ls-remote", "--refs", "--heads", "--tags", remote).splitlines()
        return {name: commit for commit, name in (line.split("\t") for line in lines)}

    def refusal_of(self, remote: str, branch: str) -> str | None:
        """Return why a remote takes no push of a branch, or None where it would; nothing is pushed."""
        try:
            self.run("push", "--dry-run", "--quiet", remote, f"HEAD:refs/heads/{branch}")
        except DeployError as error:
            return str(error)
        return None

    def has(self, commit: str) -> bool:
        """Tell whether a commit is in this clone."""
        return self.tells("cat-file", "-e", f"{commit}^{{commit}}") is not None

    def descends(self, commit: str, ancestor: str) -> bool:
        """Tell whether a commit is another one or comes after it."""
        return self.has(ancestor) and self.tells("merge-base", "--is-ancestor", ancestor, commit) is not None

    def read(self, path: str, commit: str = "HEAD") -> str:
        """Return a file as it is in a commit."""
        return self.run("show", f"{commit}:{path}") + "\n"

    def commit_with(self, files: Mapping[str, str], message: str) -> str:
        """Make a commit on top of what is checked out, which no branch has yet.

        Neither the working tree nor the index nor the branch is touched, so nothing has to be undone.

        Args:
            files: The text of files by path. All others stay as they are.
            message: What the commit says.

        Returns:
            The commit.
        """
        signed = ["--gpg-sign"] if self.tells("config", "--bool", "commit.gpgsign") == "true" else []
        with tempfile.TemporaryDirectory(prefix="kf-airflow-") as directory:
            index = Path(directory) / "index"
            self.run("read-tree", "HEAD", index=index)
            for path, content in files.items():
                blob = self.run("hash-object", "-w", "--stdin", text=content)
                self.run("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", index=index)
            tree = self.run("write-tree", index=index)
        return self.run("commit-tree", *signed, "-p", "HEAD", "-m", message, tree)

    def export(self, commit: str, directory: Path) -> None:
        """Write all files of a commit into a directory."""
        with tempfile.TemporaryDirectory(prefix="kf-airflow-") as place:
            index = Path(place) / "index"
            self.run("read-tree", commit, index=index)
            self.run("checkout-index", "--all", f"--prefix={directory}/", index=index)

    def publish(self, commit: str, *, branch: str, tag: str, message: str, remote: str | None) -> None:
        """Tag a commit and put branch and tag to the remote, both or none.

        Args:
            commit: A commit on top of the branch.
            branch: The branch.
            tag: The name of the annotated tag.
            message: What the tag says.
            remote: The name of the remote. None if there is none.

        Raises:
            DeployError: When the remote refuses; the tag is gone again then.
        """
        self.run("tag", "--annotate", "--message", message, tag, commit)
        try:
            if remote is not None:
                self.run("push", "--atomic", remote, f"{commit}:refs/heads/{branch}", f"refs/tags/{tag}")
        except BaseException:
            self.run("tag", "--delete", tag)
            raise

    def follow(self, commit: str) -> None:
        """Move the branch that is checked out, and its files, to a commit on top of it.

        Raises:
            DeployError: When changed files are in the way.
        """
        self.run("merge", "--ff-only", "--quiet", commit)
