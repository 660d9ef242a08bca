"""The files that others run: they name only settings, probes, secrets and metrics that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from watcher.settings.env import setting_names
from watcher.telemetry.metrics import Metrics
from watcher.web.access import OPEN_PATHS

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
STOP_SECONDS = 25
"""So long a daemon takes to finish what is in hand (docs/how-to/run-in-a-container.md)."""


def documents(name: str) -> list[dict[str, Any]]:
    """Return the YAML documents of a file."""
    return list(yaml.safe_load_all((DEPLOY / name).read_text("utf-8")))


def series() -> dict[str, frozenset[str]]:
    """Return by name of a series, as a query names it, the labels that a query may name."""
    found = {}
    for family in Metrics().registry.collect():
        endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "summary": ["_sum", "_count"]}
        for ending in endings.get(family.type, [""]):
            found[f"{family.name}{ending}"] = LABELS.get(family.name, frozenset())
    return found


LABELS = {
    metric._name: frozenset(metric._labelnames) for metric in vars(Metrics()).values() if hasattr(metric, "_labelnames")
}


def expressions(node: Any) -> Iterator[str]:
    """Return every query below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("expr"), str):
            yield node["expr"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from expressions(each)


def faults_of(query: str) -> list[str]:
    """Return which metrics and labels of a query there are not."""
    known = series()
    names = set(re.findall(r"\bwatcher_[a-z_]+", query))
    asked = set(re.findall(r"\{(\w+)[!=]", query))
    asked |= {one.strip() for many in re.findall(r"by \(([^)]*)\)", query) for one in many.split(",")}
    labels = {"le", "instance", *(label for name in names & known.keys() for label in known[name])}
    return sorted((names - known.keys()) | (asked - labels))


def test_dashboard_and_alert_rules_name_metrics_and_labels_that_there_are() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "watcher.json").read_text("utf-8"))
    queries = [*expressions(dashboard), *expressions(documents("prometheus/alerts.yaml"))]
    assert len(queries) > 20
    assert {query: faults for query in queries if (faults := faults_of(query))} == {}


def test_a_query_of_what_there_is_not_is_found() -> None:
    assert faults_of("sum by (rule) (rate(watcher_alerts_total[1h]))") == ["rule"]
    assert faults_of("max(watcher_alerts)") == ["watcher_alerts"]
    assert faults_of('rate(watcher_poll_seconds_bucket{le="1"}[5m])') == []


def test_panels_do_not_lie_on_one_another_and_ids_are_their_own() -> None:
    panels = json.loads((DEPLOY / "grafana" / "watcher.json").read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(set(cells)) == len(cells)


def test_every_alert_rule_says_what_is_the_matter() -> None:
    rules = documents("prometheus/alerts.yaml")[0]["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"].rstrip()[-1] in ".?"


def test_the_first_surprise_of_a_room_with_which_its_series_begins_is_an_alert() -> None:
    rules = {rule["alert"]: rule["expr"] for rule in documents("prometheus/alerts.yaml")[0]["groups"][0]["rules"]}
    assert "watcher_surprises_total unless watcher_surprises_total offset 1h" in rules["WatcherSurprise"]


def test_the_compose_file_with_a_server_differs_from_the_plain_one_in_what_replicas_need() -> None:
    [made] = documents("compose-postgres.yaml")
    plain = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["watcher"]
    service = made["services"]["watcher"]
    changed = {key for key in plain if service.get(key) != plain[key]}
    assert changed == {"ports", "volumes", "secrets", "environment"}
    assert service.keys() - plain.keys() == {"deploy", "depends_on"}
    assert set(service["environment"]) <= set(setting_names())
    named = [one if isinstance(one, str) else one["source"] for one in service["secrets"]]
    assert {*named, *made["services"]["postgres"]["secrets"]} == made["secrets"].keys()
    first, last = map(int, service["ports"][0].split(":")[1].split("-"))
    assert last - first + 1 == service["deploy"]["replicas"]
    assert "/data" in service["volumes"], "no name: each replica has a volume of its own"


def test_the_secrets_of_the_compose_file_are_made_by_what_its_head_says() -> None:
    text = (DEPLOY / "compose-postgres.yaml").read_text("utf-8")
    files = {one["file"].removeprefix("./") for one in documents("compose-postgres.yaml")[0]["secrets"].values()}
    assert files == set(re.findall(r"> (secrets/\S+)", text))


def test_the_manifests_ask_probes_that_need_no_token_and_leave_time_to_stop() -> None:
    deployment, service, budget = documents("kubernetes/watcher.yaml")
    pod = deployment["spec"]["template"]["spec"]
    [container] = pod["containers"]
    probes = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe["path"] for probe in probes.values()} == OPEN_PATHS
    assert probes["readinessProbe"]["path"] == "/readyz"
    [port] = container["ports"]
    assert {probe["port"] for probe in probes.values()} == {port["name"]} == {service["spec"]["ports"][0]["targetPort"]}
    env = {one["name"]: one["value"] for one in container["env"]}
    assert env.keys() <= set(setting_names())
    assert env["WATCHER_BIND"].endswith(f":{port['containerPort']}")
    assert pod["terminationGracePeriodSeconds"] > STOP_SECONDS
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels == service["spec"]["selector"] == budget["spec"]["selector"]["matchLabels"]


def test_the_manifests_run_as_the_user_of_the_image_and_mount_what_they_name() -> None:
    deployment = documents("kubernetes/watcher.yaml")[0]
    pod = deployment["spec"]["template"]["spec"]
    assert f"USER {pod['securityContext']['runAsUser']}:" in (ROOT / "Dockerfile").read_text("utf-8")
    volumes = {volume["name"] for volume in pod["volumes"]}
    for container in (*pod["initContainers"], *pod["containers"]):
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
    env = {one["name"]: one["value"] for one in pod["containers"][0]["env"]}
    text = (DEPLOY / "kubernetes" / "watcher.yaml").read_text("utf-8")
    keys = set(re.findall(r"--from-literal=([\w.]+)=", text))
    files = {value for name, value in env.items() if name.endswith("_FILE")}
    files.add(pod["initContainers"][0]["command"][-2])
    assert {Path(file).name for file in files} == keys
