"""The manifests of deploy/kubernetes: they keep to Kubernetes' schemas, and their commands are recto's."""

import re
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml

from recto.cli import recto
from support.paths import HERE

FOLDER = HERE.parent / "deploy" / "kubernetes"
MANIFESTS = [
    pytest.param(manifest, id=f"{path.name} {manifest['kind']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for manifest in yaml.safe_load_all(path.read_text())
]


def pod(manifest: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return spec


def named(kind: str) -> dict[str, Any]:
    (found,) = (param.values[0] for param in MANIFESTS if param.values[0]["kind"] == kind)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_a_manifest_keeps_to_its_schema(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_a_wrong_manifest_does_not() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(named("Job") | {"spec": {}}, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("kind", ["StatefulSet", "Deployment", "Job"])
def test_the_commands_and_their_options_are_there(kind: str) -> None:
    (container,) = pod(named(kind))["containers"]
    line = " ".join([*container["command"], *container["args"]])
    name, rest = re.findall(r"recto (\w+) ([^;]*)", line)[0]
    command = recto.commands[name]
    known = {name for option in command.params if isinstance(option, click.Option) for name in option.opts}
    known |= {name for option in command.params for name in option.secondary_opts}
    assert set(re.findall(r"--[a-z-]+", rest)) <= known


@pytest.mark.parametrize("kind", ["StatefulSet", "Deployment", "Job"])
def test_nothing_runs_as_root_or_writes_beside_its_folders(kind: str) -> None:
    spec = pod(named(kind))
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}


def test_the_router_asks_every_shard() -> None:
    shards, router = named("StatefulSet"), pod(named("Deployment"))["containers"][0]
    names = [
        f"http://{shards['metadata']['name']}-{n}.{shards['spec']['serviceName']}"
        for n in range(shards["spec"]["replicas"])
    ]
    assert [arg.rpartition(":")[0] for arg in router["args"] if arg.startswith("http")] == names
    assert f"--shards {len(names)}" in pod(named("Job"))["containers"][0]["args"][0]
