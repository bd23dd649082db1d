"""A local server that speaks the part of Terraform Cloud's API which `nox -s tfc` uses.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs
"""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from tfc_documents import one, page, refused, run_of, workspace_of
from tfc_runs import Run, Runs, Workspace
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

TOKEN = "token.atlasv1.of-this-test"
ORGANIZATION = "kf-strides"


@dataclass
class TfcServer:
    """The server: what there is, and what was asked of it.

    Attributes:
        url: Its address.
        requests: Method and path of each request.
        sent_tokens: Paths to which a token was sent.
        broken: Paths that are answered with a status and a body of their own, once.
    """

    folder: Path
    url: str = ""
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: Runs = field(default_factory=Runs)
    requests: list[str] = field(default_factory=list)
    sent_tokens: set[str] = field(default_factory=set)
    broken: dict[str, tuple[int, str]] = field(default_factory=dict)
    json_output_allowed: bool = True
    # How many looks at an uploaded version find it not yet unpacked.
    unpacking_looks: int = 1

    def add_workspace(self, name: str, **options: Any) -> Workspace:
        """Makes a workspace."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        self.workspaces[name] = workspace = Workspace(name, folder, **options)
        return workspace

    @property
    def last_run(self) -> Run | None:
        """The run that was started last."""
        return next(reversed(self.runs.found.values()), None)

    def by_id(self, id_: str) -> Workspace:
        """The workspace with that id."""
        return next(each for each in self.workspaces.values() if each.id == id_)


def application(server: TfcServer) -> Flask:
    """Returns the web application."""
    app = Flask("tfc")

    @app.before_request
    def admit() -> Any:
        server.requests.append(f"{request.method} {request.path}")
        if "Authorization" in request.headers:
            server.sent_tokens.add(request.path)
        if request.path in server.broken:
            status, body = server.broken.pop(request.path)
            return Response(body, status, content_type="application/vnd.api+json")
        if request.path.startswith("/api/") and request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return refused(401, "unauthorized")
        return None

    @app.errorhandler(KeyError)
    @app.errorhandler(StopIteration)
    @app.errorhandler(404)
    def missing(error: Exception) -> Any:
        return refused(404, "not found")

    @app.errorhandler(HTTPException)
    def other(error: HTTPException) -> Any:
        return refused(error.code or 500, error.name)

    add_workspaces(app, server)
    add_configurations(app, server)
    add_runs(app, server)
    add_storage(app, server)
    return app


def add_workspaces(app: Flask, server: TfcServer) -> None:
    @app.get("/api/v2/organizations/<name>")
    def organization(name: str) -> Any:
        if name != ORGANIZATION:
            return refused(404, "not found")
        return one("organizations", name, {"name": name})

    @app.get(f"/api/v2/organizations/{ORGANIZATION}/workspaces")
    def workspaces() -> Any:
        return page([workspace_of(each) for each in server.workspaces.values()])

    @app.get(f"/api/v2/organizations/{ORGANIZATION}/workspaces/<name>")
    def workspace(name: str) -> Any:
        return {"data": workspace_of(server.workspaces[name])}

    @app.get("/api/v2/users/<id_>")
    def user(id_: str) -> Any:
        return one("users", id_, {"username": id_.removeprefix("user-")})

    @app.get("/api/v2/workspaces/<id_>/vars")
    def variables(id_: str) -> Any:
        shown = []
        for key, variable in server.by_id(id_).variables.items():
            value = None if variable["sensitive"] else variable["value"]
            shown.append(one("vars", key, {**variable, "value": value})["data"])
        return {"data": shown}

    @app.post("/api/v2/workspaces/<id_>/vars")
    def add_variable(id_: str) -> Any:
        found = server.by_id(id_).variables
        key = f"var-{len(found) + 1}"
        found[key] = json.loads(request.data)["data"]["attributes"]
        return one("vars", key, {**found[key], "value": None}), 201

    @app.patch("/api/v2/workspaces/<id_>/vars/<key>")
    def set_variable(id_: str, key: str) -> Any:
        found = server.by_id(id_).variables
        found[key] = {**found[key], **json.loads(request.data)["data"]["attributes"]}
        return one("vars", key, {**found[key], "value": None})


def add_configurations(app: Flask, server: TfcServer) -> None:
    def version_of(id_: str) -> Any:
        version = server.versions[id_]
        return one("configuration-versions", id_, {k: v for k, v in version.items() if k != "archive"})

    @app.post("/api/v2/workspaces/<id_>/configuration-versions")
    def make_version(id_: str) -> Any:
        server.by_id(id_)
        key = f"cv-{len(server.versions) + 1}"
        server.versions[key] = {
            **json.loads(request.data)["data"]["attributes"],
            "status": "pending",
            "upload-url": f"{server.url}/storage/{key}",
            "looks": server.unpacking_looks,
        }
        return version_of(key), 201

    @app.get("/api/v2/configuration-versions/<key>")
    def version(key: str) -> Any:
        found = server.versions[key]
        if "archive" in found and found["status"] == "pending":
            found["looks"] -= 1
            if found["looks"] < 0:
                found["status"] = "uploaded"
        return version_of(key)

    @app.post("/api/v2/configuration-versions/<key>/actions/archive")
    def archive(key: str) -> Any:
        server.versions[key]["status"] = "archived"
        return "", 202


def add_runs(app: Flask, server: TfcServer) -> None:
    @app.post("/api/v2/runs")
    def start() -> Any:
        data = json.loads(request.data)["data"]
        version = server.versions[data["relationships"]["configuration-version"]["data"]["id"]]
        if version["status"] != "uploaded":
            return refused(422, "the configuration is not uploaded")
        started = server.runs.start(
            server.by_id(data["relationships"]["workspace"]["data"]["id"]),
            version["archive"],
            plan_only=data["attributes"]["plan-only"],
            message=data["attributes"]["message"],
        )
        assert data["attributes"]["auto-apply"] is False
        return run_of(started), 201

    @app.get("/api/v2/runs/<id_>")
    def run(id_: str) -> Any:
        return run_of(server.runs.found[id_])

    @app.post("/api/v2/runs/<id_>/actions/<action>")
    def decide(id_: str, action: str) -> Any:
        found = server.runs.found[id_]
        actions = run_of(found)["data"]["attributes"]["actions"]
        needed = {"apply": "is-confirmable", "discard": "is-discardable", "cancel": "is-cancelable"}[action]
        if not actions[needed]:
            return refused(409, "transition not allowed")
        found.decide({"apply": "applied", "discard": "discarded", "cancel": "canceled"}[action])
        return "", 202

    @app.get("/api/v2/plans/plan-<id_>")
    def plan(id_: str) -> Any:
        summary = server.runs.found[id_].summary
        return one("plans", f"plan-{id_}", {"log-read-url": log_url(id_, "plan"), **summary})

    @app.get("/api/v2/applies/apply-<id_>")
    def apply(id_: str) -> Any:
        return one("applies", f"apply-{id_}", {"log-read-url": log_url(id_, "apply")})

    def log_url(id_: str, kind: str) -> str:
        return f"{server.url}/storage/logs/{id_}/{kind}?signature=a%2Bb"

    @app.get("/api/v2/plans/plan-<id_>/json-output")
    def plan_json(id_: str) -> Any:
        if not server.json_output_allowed:
            return refused(404, "not found")
        return "", 307, {"Location": f"{server.url}/storage/plans/{id_}?signature=a%2Bb"}

    @app.get("/api/v2/runs/<id_>/policy-checks")
    def policy_checks(id_: str) -> Any:
        checks = server.runs.found[id_].workspace.policy_checks
        return page([one("policy-checks", f"polchk-{n}", check)["data"] for n, check in enumerate(checks)])

    @app.get("/api/v2/cost-estimates/ce-<id_>")
    def cost(id_: str) -> Any:
        return one("cost-estimates", f"ce-{id_}", server.runs.found[id_].workspace.cost or {})


def add_storage(app: Flask, server: TfcServer) -> None:
    """Where archives, logs and plans are kept: its addresses are secrets of their own and get no token."""

    @app.put("/storage/<key>")
    def upload(key: str) -> Any:
        server.versions[key]["archive"] = request.data
        return ""

    @app.get("/storage/logs/<id_>/<kind>")
    def log(id_: str, kind: str) -> Any:
        if request.args["signature"] != "a+b":
            return refused(403, "forbidden")
        offset, limit = int(request.args["offset"]), int(request.args["limit"])
        return Response(server.runs.found[id_].logs[kind].content[offset : offset + limit])

    @app.get("/storage/plans/<id_>")
    def stored_plan(id_: str) -> Any:
        return Response(server.runs.found[id_].plan_json, content_type="application/json")


@contextmanager
def tfc_server(folder: Path) -> Iterator[TfcServer]:
    """Runs a server; what it works on is below the folder."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = TfcServer(folder)
    http = make_server("127.0.0.1", 0, application(server), threaded=True)
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.runs.finish()
        http.shutdown()
        thread.join(10)
        http.server_close()
