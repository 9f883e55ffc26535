"""Small functions: one value in, one value out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen

from kuma.cli.dp.options import ControlPlane, Options, UsageError
from kuma.cli.dp.token import token_path
from kuma.envoy import api
from kuma.envoy.draft import Caller, Inbound
from kuma.hostnames import hostname
from kuma.labels import is_reserved
from kuma.match import merge
from kuma.model import DISPLAY_NAME, NAMESPACE, WORKLOAD, Key, Kri, Labels, Resource, hashed_name, plural
from kuma.names import dns1123_label
from kuma.policies.meshaccesslog import called
from kuma.resources.meshidentity import MeshIdentity, SpiffeId
from kuma.resources.sni import sni, sni_problems
from kuma.rest.access import is_local
from kuma.rest.api import About
from kuma.rest.kri import key_of
from kuma.schema import parse, show
from kuma.schema import violations as violations_of
from kuma.settings.multizone import Zone
from kuma.settings.tree import DnsServer, LabelPropagation
from kuma.spiffe import Local, spiffe_id, uses_workload
from kuma.sync.travel import Audience, to_zones
from kuma.template import TemplateError
from tests.conformance import texts
from tests.conformance.case import Case, Outcome, by_run, value
from tests.conformance.compare import pruned
from zone_cp.admit import Refused, dataplane_key
from zone_cp.propagation import contribution


def resource(meta: Any, kind: str = "Dataplane") -> Resource:
    """A resource of which only its metadata counts."""
    return Resource(Key(kind, meta.get("Mesh", ""), meta.get("Name", "")), None, Labels(meta.get("Labels") or {}))


# Names.


def hashed(case: Case) -> Outcome:
    """The name of a copy."""
    place = (part for part in (case.fixed["zone"], case.fixed["namespace"]) if part)
    name = hashed_name(case.fixed["mesh"], case.fixed["displayName"], *place)
    return Outcome(case.text("expected.txt").strip(), name)


def core_name(case: Case) -> Outcome:
    """The name under which a KRI is stored."""
    fixed = case.fixed
    namespace = fixed["systemNamespace"] if fixed["environment"] == "kubernetes" else ""
    zone = fixed["zone"] or ("" if fixed["mode"] == "global" else Zone().name)
    key = key_of(Kri.parse(fixed["kri"]), About(fixed["mode"], zone=zone, system_namespace=namespace))
    return Outcome(case.text("expected.txt").strip(), key.name)


def mapped(case: Case) -> Outcome:
    """The name under which a resource of the global control plane travels."""
    fixed, config = case.fixed, case.fixed["config"]
    kind = "MeshTimeout" if fixed.get("isResourcePluginOriginated") else "ServiceInsight"
    labels = dict(fixed.get("extraLabels") or {}) | ({DISPLAY_NAME: name} if (name := fixed.get("displayName")) else {})
    features = frozenset(name for name, has in (fixed.get("features") or {}).items() if has)
    namespace = config["k8sSystemNamespace"] if config["storeType"] == "kubernetes" else ""
    copy = to_zones(Resource(Key(kind, "", fixed["name"]), None, Labels(labels)),
                    Audience(features, system_namespace=namespace))  # fmt: skip
    return Outcome(case.text("expected.txt").strip(), copy and copy.name)


def identified(case: Case) -> Outcome:
    """A KRI's server name, or everything that keeps it from one."""
    said = case.input["id"]
    place = {"kuma.io/zone": said.get("Zone"), "k8s.kuma.io/namespace": said.get("Namespace")}
    labels = Labels((key, text) for key, text in place.items() if text)
    one = resource({**said, "Labels": labels}, said["ResourceType"])
    short, section = SHORT[said["ResourceType"]], said.get("SectionName", "")
    problems = sorted(sni_problems(short, one, section))
    if "expectedErrs" in case.expected:
        return Outcome(sorted(case.expected["expectedErrs"]), problems)
    return Outcome(case.expected["expected"], problems or sni(short, one, section))


SHORT = {"MeshService": "msvc", "MeshExternalService": "extsvc", "MeshMultiZoneService": "mzsvc"}


def templated(case: Case) -> Outcome:
    """A hostname made by a template."""
    meta = dict(case.input["meta"])
    if kept := (meta.get("NameExtensions") or {}).get("core_model.K8sNameComponent"):
        namespace = meta["Name"].removeprefix(f"{kept}.")
        meta["Labels"] = {NAMESPACE: namespace, **(meta.get("Labels") or {})}
    one = resource(meta, "MeshService")
    try:
        actual = {"expected": hostname(case.input["template"], one, case.input.get("localZone") or "")}
    except TemplateError as error:
        actual = {"errMsg": str(error)}
    expected = pruned(case.expected)
    if expected.get("errMsg", "-") in actual.get("errMsg", ""):
        return Outcome(expected, expected)
    return Outcome(expected, actual)


# Identities.


def local(found: Any) -> Local:
    """The zone of a case."""
    return Local("test-zone", found["environment"])


def spiffe(case: Case) -> Outcome:
    """The SPIFFE ID of a proxy."""
    said = case.fixed["dataplane"]
    meta = {"Mesh": said["mesh"], "Name": said["name"], "Labels": case.input.get("labels")}
    identity = Resource(Key("MeshIdentity", said["mesh"], "identity"), MeshIdentity())
    return Outcome(case.expected["expectedID"], spiffe_id(identity, resource(meta), local(case.input)))


def workload(found: Any) -> bool:
    """Whether a path is made of the workload."""
    path = found.get("pathTemplate")
    spec = MeshIdentity(spiffe_id=SpiffeId(path=path))
    return path != "" and uses_workload(Resource(Key("MeshIdentity", "default", "identity"), spec), local(found))


# Access.


def admin(found: Any) -> bool:
    """Whether a request comes from this machine's user."""
    host, _, _ = found["remoteAddr"].rpartition(":")
    named = {"host": found["host"]} | ({"origin": found["origin"]} if found.get("origin") else {})
    more = {key.lower(): text for key, text in (found.get("extraHeaders") or {}).items()}
    return is_local(host.strip("[]"), named | more)


def token(case: Case) -> Outcome:
    """Whether a file holds what looks like a token; the words are our own."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "token")
        file.write_text(case.input["token"])
        options = Options(control_plane=ControlPlane("https://localhost:5678"), token_file=file)
        try:
            token_path(options, Path(folder), "token")
            refused = False
        except UsageError:
            refused = True
    return Outcome((case.expected or {}).get("expectedError") is not None, refused)


# Merging.


@frozen
class Sub:
    """Lists inside a conf."""

    ints: tuple[int, ...] | None = None
    append_ints: tuple[int, ...] | None = None


@frozen
class Conf:
    """The conf that the cases merge."""

    field_string: str | None = None
    strings: tuple[str, ...] | None = None
    append_strings: tuple[str, ...] | None = None
    sub: Sub | None = None
    sub_ptr: Sub | None = None


def merged(case: Case) -> Outcome:
    """Confs merged in order."""
    confs = [parse(Conf, _camel(one)) for one in case.input["policies"]]
    return Outcome(pruned(_camel(case.expected["expected"])), show(merge(confs, Conf())))


def _camel(found: Any) -> Any:
    if isinstance(found, dict):
        return {key[0].lower() + key[1:]: _camel(one) for key, one in found.items()}
    return found


# Settings.


def label_propagation(case: Case) -> Outcome:
    """Whether labels may be propagated."""
    said = case.input["cfg"]
    wrong = violations_of(LabelPropagation(said["Enabled"], tuple(said.get("AllowedLabelKeys") or ())), "")
    wanted = (case.expected or {}).get("wantErr")
    text = "; ".join(map(str, wrong))
    return Outcome(wanted, wanted if wanted and wanted in text else text or None)


def dns(case: Case) -> Outcome:
    """What is wrong with the section on DNS."""
    said = case.input["config"]
    (wrong,) = violations_of(DnsServer(said["Domain"], said["ServiceVipPort"]), "")
    return Outcome(case.expected["error"], wrong.message)


# Proxies and their labels.


def node(case: Case) -> Outcome:
    """The mesh and the name in the id of a proxy's node."""
    try:
        key = dataplane_key(case.input["nodeID"])
    except Refused:
        return Outcome("expectedErr" in case.expected, True)
    return Outcome(case.expected.get("expected"), {"mesh": key.mesh, "name": key.name})


def inbound_name(case: Case) -> Outcome:
    """What is called at an inbound, as access logs tell it."""
    one, port = resource(case.input["meta"]), case.fixed["inboundPort"]
    caller = Caller(
        one.name, one.mesh, one.zone, one.namespace, labels=one.labels, workload=one.labels.get(WORKLOAD, "")
    )
    section = case.input["portName"] or str(port)
    found = called(Inbound(section, "", port, "tcp", None, api.Listener(), api.Cluster(), caller))
    return Outcome(case.expected["expected"], found)


def contributed(case: Case) -> Outcome:
    """The labels that a service takes over from a Dataplane, and how many it can't."""
    given = contribution(case.input.get("labels") or {}, tuple(case.input.get("allow") or ()))
    dropped = {reason: count for reason, count in (case.expected.get("expectedDrops") or {}).items() if count}
    actual = dict(given.labels), dict(given.dropped)
    return Outcome((case.expected.get("expected") or {}, dropped), actual)


SUITES = {
    "unit-merge": by_run({"merge-confs": merged, "meshservice-label-contribution": contributed}),
    "kds-names": by_run({"hashed-name": hashed, "kri-to-core-name": core_name, "global-mapper-name": mapped}),
    "unit-names": by_run(
        {
            "hostname-template": templated,
            "kri-to-sni": identified,
            "plural-display-name": value(lambda found: plural(found["name"])),
            "sni-section-name": value(lambda found: not dns1123_label(found["sectionName"]), "valid"),
            "spiffe-id": spiffe,
            "spiffe-path-uses-workload": value(workload),
            "inbound-name": inbound_name,
            "parse-proxy-id": node,
            "parse-proxy-id-error": node,
            "reserved-label": value(lambda found: is_reserved(found["key"])),
        }
    ),
    "unit-auth": by_run({"localhost-is-admin": value(admin, "expectAdmin"), "validate-dp-token": token}),
    "unit-config": by_run({"label-propagation-config": label_propagation, "dns-config-invalid": dns, **texts.RUNS}),
}
