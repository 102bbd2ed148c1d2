"""The manifests are valid, name what exists, and let nobody do more than is needed."""

import shutil
import subprocess
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from bot.slack.http_server import LIVE
from cli.alive import Role
from cli.local_server import is_loopback
from cli.settings import Settings
from cli.status import PORTS, READY
from tests.deploy.files import DEPLOY, IS_OURS, documents, is_a_command, is_a_setting, objects

OURS = {"server", "bot", "scheduler", "console", "backup"}
STAYING = {"Deployment", "StatefulSet"}
WITH_A_GPU = {"server", "scheduler"}


def workloads() -> dict[str, dict[str, Any]]:
    """Those that stay, and what runs at times, by its template."""
    timed = {
        name: {"spec": each["spec"]["jobTemplate"]["spec"]}
        for name, each in objects("CronJob").items()
    }
    return objects(*STAYING) | timed


def pod(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = workloads()[name]["spec"]["template"]["spec"]
    return spec


def containers(name: str, *, also_before: bool = True) -> list[dict[str, Any]]:
    before = pod(name).get("initContainers", []) if also_before else []
    return [*before, *pod(name)["containers"]]


def environment(container: dict[str, Any]) -> dict[str, Any]:
    """The container's variables, also those of the settings that it takes as a whole."""
    maps = objects("ConfigMap")
    taken = [
        maps[each["configMapRef"]["name"]]["data"].items() for each in container.get("envFrom", [])
    ]
    own = [
        (each["name"], each.get("value", each.get("valueFrom")))
        for each in container.get("env", [])
    ]
    return dict([*(pair for pairs in taken for pair in pairs), *own])


EVERY = sorted(workloads())


@pytest.mark.parametrize(
    "manifest", documents(), ids=lambda each: f"{each['kind']}-{each['metadata']['name']}"
)
def test_every_manifest_is_valid(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
    if manifest["kind"] != "Namespace":
        assert manifest["metadata"]["namespace"] == "phi3"


def test_kustomization_names_every_manifest() -> None:
    listed = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())
    there = {file.name for file in (DEPLOY / "kubernetes").glob("*.yaml")}
    assert {*listed["resources"], "kustomization.yaml"} == there
    images = {container["image"] for role in OURS for container in containers(role)}
    assert {each["name"] for each in listed["images"]} == images


@pytest.mark.slow
def test_kustomize_builds_them() -> None:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not here")
    built = subprocess.run(
        ["kubectl", "kustomize", str(DEPLOY / "kubernetes")],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    made = [*yaml.safe_load_all(built.stdout)]
    assert len(made) == len(documents())
    for manifest in made:
        kubernetes_validate.validate(manifest, "1.32", strict=True)


@pytest.mark.parametrize("role", sorted(OURS))
def test_what_a_role_runs_and_sets_exists(role: str) -> None:
    for container in containers(role):
        assert is_a_command(container["args"])
        for name in filter(IS_OURS.fullmatch, environment(container)):
            assert is_a_setting(name), name
        for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
            words = container.get(kind, {}).get("exec", {}).get("command", ["phi3", "alive", "bot"])
            assert words[0] == "phi3"
            assert is_a_command(words[1:])


@pytest.mark.parametrize("role", EVERY)
def test_pods_may_do_nothing_that_they_need_not(role: str) -> None:
    spec = pod(role)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(role):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert not context.get("privileged")


@pytest.mark.parametrize("role", EVERY)
def test_every_container_has_limits_and_those_that_stay_have_probes(role: str) -> None:
    for container in containers(role):
        for kind in ("requests", "limits"):
            assert container["resources"][kind].keys() >= {"cpu", "memory"}
    for container in containers(role, also_before=False):
        if role in objects(*STAYING):
            assert container.keys() >= {"startupProbe", "livenessProbe", "readinessProbe"}
        limits = container["resources"]["limits"]
        assert (limits.get("nvidia.com/gpu") == "1") is (role in WITH_A_GPU)


@pytest.mark.parametrize("role", EVERY)
def test_what_is_mounted_is_there(role: str) -> None:
    claims = objects("PersistentVolumeClaim")
    spec = workloads()[role]["spec"]
    volumes = {each["name"]: each for each in pod(role)["volumes"]}
    own = {each["metadata"]["name"] for each in spec.get("volumeClaimTemplates", [])}
    for volume in volumes.values():
        if "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in claims
    for container in containers(role):
        for mount in container["volumeMounts"]:
            assert mount["name"] in volumes.keys() | own


@pytest.mark.parametrize("role", EVERY)
def test_every_file_with_a_secret_is_mounted(role: str) -> None:
    secrets = [each["secret"] for each in pod(role)["volumes"] if "secret" in each]
    files = {f"/run/secrets/phi3/{item['path']}" for secret in secrets for item in secret["items"]}
    named = {
        value
        for container in containers(role)
        for name, value in environment(container).items()
        if name.endswith("_FILE")
    }
    assert named == files


def test_secrets_are_those_that_are_made() -> None:
    made = (DEPLOY / "make-secrets").read_text(encoding="utf-8")
    keys = {
        item["key"]
        for role in EVERY
        for volume in pod(role)["volumes"]
        for item in volume.get("secret", {}).get("items", [])
    }
    for key in keys:
        assert f"keep {key} " in made


def test_roles_find_each_other() -> None:
    services = objects("Service")
    settings = objects("ConfigMap")["phi3-settings"]["data"]
    ports = {name: each["spec"]["ports"] for name, each in services.items()}
    assert settings["PHI3_SERVER_URL"] == f"http://server:{ports['server'][0]['port']}/v1"
    assert settings["PHI3_WEAVIATE_URL"] == f"http://weaviate:{ports['weaviate'][0]['port']}"
    for name, service in services.items():
        template = workloads()[name]["spec"]["template"]
        assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
        open_ports = {
            port["containerPort"]
            for container in containers(name)
            for port in container.get("ports", [])
        }
        assert {port["port"] for port in service["spec"]["ports"]} <= open_ports


def test_the_server_answers_to_the_name_that_the_others_call_it() -> None:
    url = objects("ConfigMap")["phi3-settings"]["data"]["PHI3_SERVER_URL"]
    [server] = containers("server")
    assert urlsplit(url).hostname in environment(server)["PHI3_SERVER_NAMES"].split(",")


def test_all_roles_have_the_same_model() -> None:
    settings = objects("ConfigMap")["phi3-settings"]["data"]
    for role in OURS:
        for container in containers(role, also_before=False):
            model = environment(container)["PHI3_MODEL"]
            reference = {"configMapKeyRef": {"name": "phi3-settings", "key": "PHI3_MODEL"}}
            assert model in (settings["PHI3_MODEL"], reference)


def test_the_night_reaches_a_server_that_rests_for_it() -> None:
    [server] = containers("server")
    assert server["readinessProbe"]["httpGet"]["path"] == "/health"  # 503 while it rests
    assert objects("Service")["server"]["spec"]["publishNotReadyAddresses"] is True


def test_server_and_night_are_told_the_same_of_what_a_night_takes() -> None:
    [server], [scheduler] = containers("server"), containers("scheduler", also_before=False)
    reference = {"configMapKeyRef": {"name": "phi3-settings", "key": "PHI3_NIGHT_TAKES"}}
    assert environment(server)["PHI3_NIGHT_TAKES"] == reference
    assert "PHI3_NIGHT_TAKES" in environment(scheduler)


MONITORING = "monitoring"


def chooses(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a selector of pods chooses one with these labels."""
    among = selector.get("matchExpressions", [])
    assert all(each["operator"] == "In" for each in among)
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in among
    )


def admitted(to: str, policies: dict[str, dict[str, Any]]) -> set[str]:
    """The roles, and namespaces, that some policy lets reach the pods of ``to``."""
    labels = workloads()[to]["spec"]["template"]["metadata"]["labels"]
    here = [
        each["spec"] for each in policies.values() if chooses(each["spec"]["podSelector"], labels)
    ]
    assert here
    assert all("Ingress" in spec["policyTypes"] for spec in here)
    found = set()
    for rule in (rule for spec in here for rule in spec.get("ingress", [])):
        assert rule["ports"]
        for peer in rule["from"]:
            if space := peer.get("namespaceSelector"):
                assert peer.keys() == {"namespaceSelector"}
                found.add(space["matchLabels"]["kubernetes.io/metadata.name"])
                continue
            assert peer.keys() == {"podSelector"}
            found |= {
                name
                for name, each in workloads().items()
                if chooses(peer["podSelector"], each["spec"]["template"]["metadata"]["labels"])
            }
    return found


@pytest.mark.parametrize("to", EVERY)
def test_only_bot_console_and_night_reach_the_servers_and_only_prometheus_reaches_them(
    to: str,
) -> None:
    users = {
        "server": {"bot", "console", "scheduler"},
        "postgres": {"bot", "console", "scheduler", "backup"},
        "weaviate": {"bot", "console", "scheduler", "backup"},
    }
    asks_figures = {MONITORING} if to in OURS - {"backup"} else set()
    assert admitted(to, objects("NetworkPolicy")) == users.get(to, set()) | asks_figures


def test_figures_and_probes_are_at_the_ports_of_the_settings() -> None:
    base = int(objects("ConfigMap")["phi3-settings"]["data"]["PHI3_METRICS_PORT"])
    asked = {
        port["port"]
        for rule in objects("NetworkPolicy")["from-prometheus"]["spec"]["ingress"]
        for port in rule["ports"]
    }
    roles = {"bot": Role.BOT, "scheduler": Role.SCHEDULE, "console": Role.CONSOLE}
    for role, known in roles.items():
        [container] = containers(role, also_before=False)
        port = base + PORTS[known]
        assert {"name": "metrics", "containerPort": port} in container["ports"]
        assert port in asked
        for probe, path in (("startup", LIVE), ("liveness", LIVE), ("readiness", READY)):
            assert container[f"{probe}Probe"]["httpGet"] == {"path": path, "port": "metrics"}


def test_the_console_is_reached_from_ones_own_machine_until_it_is_published() -> None:
    [console] = containers("console", also_before=False)
    port = console["ports"][0]["containerPort"]
    assert port == Settings(_env_file=None).console_port
    found = environment(console)
    assert found["PHI3_CONSOLE_URL"] == f"http://127.0.0.1:{port}"
    assert not is_loopback(found["PHI3_CONSOLE_HOST"])
