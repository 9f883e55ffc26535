"""Resources by the name that every control plane knows them by."""

from __future__ import annotations

from attrs import evolve

from kuma.kinds import BY_SHORT, kri_of
from kuma.model import Key, Kind, Kri, Resource, hashed_name
from kuma.rest.api import About, Api
from kuma.rest.calls import Answer, Call, Route
from kuma.rest.errors import Problem, bad_request
from kuma.rest.resources import AS, GET, may_read, shown
from kuma.store.api import NotFound

PARTS = 7
OF_THE_CLUSTER = frozenset({"Mesh", "Zone"})
"""Kinds whose objects lie in no namespace of Kubernetes."""


def parse(text: str) -> Kri:
    """The KRI in a text. Raises a problem."""
    prefix, *parts = text.split("_")
    if len(parts) < PARTS - 1:
        raise bad_request(f'bad request: invalid identifier string: "{text}"')
    if prefix != "kri":
        raise bad_request(f"bad request: identifier must start with 'kri': \"{text}\"")
    short, mesh, zone, namespace, name, *section = parts
    if short not in BY_SHORT:
        raise bad_request(f'bad request: unknown short name of resource type: "{short}"')
    return Kri(short, mesh, zone, namespace, name, "".join(section))


def key_of(kri: Kri, about: About) -> Key:
    """The key under which this control plane stores it: its own name here, a hashed one for a copy."""
    kind = BY_SHORT[kri.short]
    ours = "" if about.mode == "global" else about.zone
    if kri.zone == ours or not kind.renamed:
        return Key(kind.name, kri.mesh, _kept(kind, kri.name, kri.namespace, about))
    origin = (part for part in (kri.zone, kri.namespace) if part)
    return Key(kind.name, kri.mesh, _kept(kind, hashed_name(kri.mesh, kri.name, *origin), "", about))


def _kept(kind: Kind, name: str, namespace: str, about: About) -> str:
    """A name as the store has it: on Kubernetes, with the namespace of the object."""
    if not about.system_namespace or kind.name in OF_THE_CLUSTER:
        return name
    return f"{name}.{namespace or about.system_namespace}"


async def get(api: Api, call: Call) -> Answer:
    """The resource that a KRI names."""
    kri = parse(call.args["kri"])
    may_read(api, call, BY_SHORT[kri.short])
    return shown(await found(api, kri), call)


async def found(api: Api, kri: Kri) -> Resource:
    """The resource under the key that a KRI leads to, or under its plain name if nobody has labelled it."""
    wanted = key_of(kri, api.about)
    for key in dict.fromkeys((wanted, evolve(wanted, name=kri.name))):
        try:
            resource = await api.resources.get(key)
        except NotFound:
            continue
        if key == wanted or kri_of(resource) == kri.at(""):
            return resource
    raise Problem(404, GET, "Not found")


ROUTES = (Route("GET", "/_kri/<kri>", get, GET, AS),)
