"""`kumactl export`: what a control plane holds, as a file that can be applied to another one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
from attrs import frozen

from kuma.cli.kumactl.client import ControlPlane
from kuma.cli.kumactl.get import resource_yaml
from kuma.cli.kumactl.kinds import item_path, list_path
from kuma.cli.kumactl.output import yaml_text
from kuma.cli.kumactl.progress import progress
from kuma.cli.kumactl.session import Session, checked
from kuma.kinds import KINDS
from kuma.model import ORIGIN, Kind

Json = dict[str, Any]
Served = Mapping[str, Any]

PROXIES = frozenset({"Dataplane", "DataplaneInsight"})
ORDER = {"Mesh": 0, "Secret": 1, "GlobalSecret": 3}
"""Meshes come before what is in them, and keys last; everything else in between."""
KEYS_OF_USERS = "user-token-signing-key"
OWN = frozenset({"envoy-admin-ca", "inter-cp-ca"})
"""Secrets that every control plane makes for itself."""
OF_THE_CLUSTER = ("resourceVersion", "ownerReferences", "uid", "generation", "managedFields")


@frozen
class Profile:
    """Which kinds are exported. `federates`: the file is for a global control plane that takes this one in."""

    includes: Callable[[Served], bool]
    federates: bool = False


PROFILES: Mapping[str, Profile] = {
    "all": Profile(lambda _: True),
    "federation": Profile(
        lambda one: bool(one.get("includeInFederation")) and not (one.get("policy") or {}).get("isTargetRef"), True
    ),
    "federation-with-policies": Profile(lambda one: bool(one.get("includeInFederation")), True),
    "no-dataplanes": Profile(lambda one: one["name"] not in PROXIES),
}
FORMATS = ("universal", "kubernetes")


@frozen
class Wanted:
    """What to export, and how."""

    profile: str
    form: str
    namespace: str
    include_admin: bool

    @property
    def admin(self) -> bool:
        """Whether secrets are wanted: a control plane that takes another in needs its keys."""
        return self.include_admin or PROFILES[self.profile].federates


@click.command("export", short_help="Export resources")
@click.option("-p", "--profile", default="federation", help=f"Which resources: {', '.join(PROFILES)}.")
@click.option("-f", "--format", "form", default="universal", help="For which store: universal or kubernetes.")
@click.option("-n", "--system-namespace", "namespace", default="kuma-system", help="Where Kubernetes resources lie.")
@click.option("-a", "--include-admin", is_flag=True, help="With secrets, which federation profiles hold anyway.")
@click.pass_obj
def export(session: Session, profile: str, form: str, namespace: str, include_admin: bool) -> None:
    """Print the resources of a control plane, such that `kumactl apply -f` takes them to another one."""
    if profile not in PROFILES:
        raise click.ClickException(f'invalid profile: "{profile}", known are {", ".join(PROFILES)}')
    if form not in FORMATS:
        raise click.ClickException(f'invalid format: "{form}", known are {", ".join(FORMATS)}')
    wanted = Wanted(profile, form, namespace, include_admin)
    client = checked(session)
    _tell_whose(client)
    kinds = _kinds(client, wanted)
    found = _in_order(one for kind in kinds for one in client.items(list_path(kind, None)))
    with progress(len(found) if form == "kubernetes" else 0, "exporting") as advance:
        for one in found:
            _print(client, wanted, one)
            advance()


def _tell_whose(client: ControlPlane) -> None:
    try:
        about = client.get("/").or_refused().json()
    except click.ClickException:
        return
    named = {"Product": "product", "Version": "version", "Hostname": "hostname", "ClusterId": "clusterId"}
    said = {**named, "InstanceId": "instanceId"}
    click.echo("# " + ", ".join(f"{title}: {about.get(name, '')}" for title, name in said.items()))


def _kinds(client: ControlPlane, wanted: Wanted) -> list[Kind]:
    """The kinds that are wanted and known here; what is not is told."""
    served = client.get("/_resources").or_refused().json()["resources"]
    chosen = [one["name"] for one in served if PROFILES[wanted.profile].includes(one)]
    unknown = sorted(name for name in chosen if name not in KINDS)
    if unknown:
        told = f"The following types won't be exported because they are unknown to kumactl: {','.join(unknown)}"
        click.echo(f"# {told}")
        click.echo(f"WARNING: {told}. Are you using a compatible version of kumactl?", err=True)
    known = [KINDS[name] for name in chosen if name in KINDS]
    return [kind for kind in known if wanted.admin or not kind.admin_only]


def _in_order(found: Iterable[Json]) -> Sequence[Json]:
    """Sorted so that each can be applied after those before it; the last may end the session that applies them."""
    kept = [one for one in found if not (one["type"] == "GlobalSecret" and one["name"] in OWN)]
    return sorted(kept, key=lambda one: (_is_users_key(one), ORDER.get(one["type"], 2)))


def _is_users_key(one: Json) -> bool:
    return one["type"] == "GlobalSecret" and str(one["name"]).startswith(KEYS_OF_USERS)


def _print(client: ControlPlane, wanted: Wanted, one: Json) -> None:
    federates, kind = PROFILES[wanted.profile].federates, KINDS[one["type"]]
    if wanted.form == "universal":
        click.echo("---\n" + resource_yaml(kind, _universal(one, federates)), nl=False)
        return
    path = item_path(kind, one.get("mesh", ""), one["name"])
    manifest = client.get(path, format="k8s", namespace=wanted.namespace).or_refused().json()
    where = manifest.get("metadata", {}).get("namespace")
    if where in (None, wanted.namespace) or wanted.profile == "all":
        click.echo("---\n" + yaml_text(_manifest(manifest, federates)), nl=False)


def _universal(one: Json, federates: bool) -> Json:
    alone = {"skipCreatingInitialPolicies": ["*"]} if one["type"] == "Mesh" else {}
    return {**one, **_labels(one, federates), **alone}


def _manifest(manifest: Json, federates: bool) -> Json:
    metadata = manifest.get("metadata") or {}
    kept = {name: value for name, value in metadata.items() if name not in OF_THE_CLUSTER}
    alone = {"spec": {**(manifest.get("spec") or {}), "skipCreatingInitialPolicies": ["*"]}}
    is_mesh = manifest.get("kind") == "Mesh"
    return {**manifest, "metadata": {**kept, **_labels(kept, federates)}, **(alone if is_mesh else {})}


def _labels(labelled: Json, federates: bool) -> Json:
    """Its labels; where it comes from is for the control plane to say that takes it in."""
    labels = labelled.get("labels") or {}
    if not (federates and ORIGIN in labels):
        return {}
    return {"labels": {key: value for key, value in labels.items() if key != ORIGIN}}


COMMAND = export
