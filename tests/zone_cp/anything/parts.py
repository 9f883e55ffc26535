"""The small parts of which random documents are made: durations, targets, matches."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Documents = st.SearchStrategy[dict[str, Any]]

SERVICES = ("backend", "frontend", "far")
OUTSIDE = ("payments", "archive")
EVERYWHERE = ("backend-anywhere",)
APPS = ("shop", "store")
SECTIONS = ("main", "80", "http", "tcp")
PORTS = {"http": (80, "http"), "http2": (8082, "http2"), "grpc": (9090, "grpc"), "tcp": (3306, "tcp")}
DOMAIN = "shop.east.mesh.local"
ROUTES = ("route-a", "route-b")

durations = st.sampled_from(["1ms", "25ms", "1s", "1.5s", "1m30s", "2h", "720h"])
durations_or_none = durations | st.just("0s")
counts = st.sampled_from([1, 2, 5, 1000, 2**32 - 1])
percentages = st.sampled_from([0, 1, 50, 100, "0", "0.5", "12.5", "62.9", "0.0001", "99.99999", "100"])
texts = st.sampled_from(["a", "x-y", "with space", 'quoted "text"', "ü", "%REQ(X-A)%", "a,b"])
header_names = st.sampled_from(["x-a", "x-b", "accept", "x-very.long_name"])


def some(**optional: st.SearchStrategy[Any]) -> Documents:
    """An object that has at least one of these fields."""
    return st.one_of(
        st.fixed_dictionaries({name: one}, optional={key: other for key, other in optional.items() if key != name})
        for name, one in optional.items()
    )


def having(
    optional: dict[str, st.SearchStrategy[Any]] | None = None, /, **required: st.SearchStrategy[Any]
) -> Documents:
    """An object that has all of these fields, and any of the optional ones."""
    return st.fixed_dictionaries(required, optional=optional or {})


def several(one: st.SearchStrategy[Any], least: int = 0, most: int = 2) -> st.SearchStrategy[list[Any]]:
    """A short list."""
    return st.lists(one, min_size=least, max_size=most)


def named(kind: str, names: tuple[str, ...], sections: tuple[str, ...] = ()) -> Documents:
    """A reference to destinations of a kind by the name they show; in the end, to none."""
    labels = st.sampled_from([*names, "nobody"]).map(lambda name: {"kuma.io/display-name": name})
    optional = {"sectionName": st.sampled_from(sections)} if sections else {}
    return having(optional, kind=st.just(kind), labels=labels)


meshes = st.just({"kind": "Mesh"})
services = named("MeshService", SERVICES, SECTIONS)
outsides = named("MeshExternalService", OUTSIDE)
multizones = named("MeshMultiZoneService", EVERYWHERE, SECTIONS)
routes = named("MeshHTTPRoute", ROUTES)
destinations = services | outsides | multizones


def _backends() -> Documents:
    weights = {"weight": st.sampled_from([0, 1, 3, 2**32 - 1])}
    ports = st.sampled_from([port for port, _ in PORTS.values()])
    local = having(weights, kind=st.just("MeshService"), labels=_label(SERVICES), port=ports)
    outside = having(weights, kind=st.just("MeshExternalService"), labels=_label(OUTSIDE))
    anywhere = having(weights, kind=st.just("MeshMultiZoneService"), labels=_label(EVERYWHERE), port=ports)
    return local | outside | anywhere


def _label(names: tuple[str, ...]) -> Documents:
    return st.sampled_from([*names, "nobody"]).map(lambda name: {"kuma.io/display-name": name})


backends = _backends()

spiffe_ids = having(
    type=st.sampled_from(["Exact", "Prefix"]),
    value=st.sampled_from([f"spiffe://{DOMAIN}", f"spiffe://{DOMAIN}/workload", f"spiffe://{DOMAIN}/workload/shop"]),
)
server_names = having(
    type=st.just("Exact"), value=st.sampled_from(["backend.example", f"sni.extsvc.shop.{OUTSIDE[0]}.443"])
)
matches = some(spiffeID=spiffe_ids, sni=server_names)

header_matches = st.one_of(
    having({"type": st.just("Exact")}, name=header_names, value=texts),
    having(name=header_names, type=st.sampled_from(["Present", "Absent"])),
    having(name=header_names, type=st.just("Prefix"), value=texts | st.just("")),
    having(name=header_names, type=st.just("RegularExpression"), value=st.sampled_from(["a.*", "[0-9]+", "^x$", ""])),
)
headers = having(name=header_names, value=texts)
header_edits = some(
    set=st.lists(headers, max_size=2, unique_by=lambda one: one["name"]),
    add=st.lists(headers, max_size=2, unique_by=lambda one: one["name"]),
)
