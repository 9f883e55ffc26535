"""Who may connect: the first request of a stream is checked before anything is made for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
from attrs import evolve, frozen
from frozendict import frozendict

from certs import tokens
from certs.secrets import SigningKeys
from certs.tokens import DataplaneClaims
from kuma.kinds import parse_document, validate
from kuma.mesh import Mesh, Metadata
from kuma.model import WORKLOAD, Key, Resource
from kuma.names import identifier_problem, mesh_problem
from kuma.schema import Invalid, Violation
from kuma.spiffe import Local, best, uses_workload
from kuma.store.api import Unavailable
from kuma.xds.delta import Node
from zone_cp.brought import BROUGHT
from zone_cp.dataplanes import DATAPLANE
from zone_cp.meshes import Meshes

Code = grpc.StatusCode

MOMENT = 0.5  # seconds in which what was just written has arrived
PATIENCE = 10.0  # seconds a proxy waits for a control plane that has not read its store yet


class Refused(Exception):
    """The proxy may not connect; the message says why, fit for its log."""

    def __init__(self, code: grpc.StatusCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@frozen
class Admitted:
    """A proxy that may connect: whose Dataplane it is, what it says, and the Dataplane it brought, if any."""

    key: Key
    metadata: Metadata
    struct: Mapping[str, Any]
    brought: Resource | None = None
    claims: DataplaneClaims | None = None


@frozen
class Gate:
    """Lets proxies in. Without `keys` nobody has to show a token."""

    meshes: Meshes
    keys: SigningKeys | None
    local: Local

    async def admit(self, node: Node | None, shown: Sequence[str]) -> Admitted:
        """What is known of the proxy that says this of itself and shows these tokens. Raises Refused."""
        if node is None:
            raise Refused(Code.INVALID_ARGUMENT, "the first request of a stream must carry the node")
        key = dataplane_key(node.id)
        metadata = _metadata(node)
        brought = _brought(key, metadata)
        claims = await self._claims(key, shown)
        mesh = await self._mesh(key, brought)
        stored = self._stored(mesh, key)
        dataplane = brought or stored
        if dataplane is None:
            raise Refused(Code.NOT_FOUND, f'there is no Dataplane "{key.name}" in mesh "{key.mesh}"')
        self._check(mesh, dataplane, claims)
        admitted = Admitted(key, evolve(metadata, dataplane=""), _without_dataplane(node.metadata), brought, claims)
        if brought is not None and stored is not None:
            self.check_replaced(admitted, stored)
        return admitted

    def check_replaced(self, admitted: Admitted, stored: Resource) -> None:
        """Raise Refused unless the proxy's token is good for the stored Dataplane too, whose place its own takes.

        Whoever may only be one workload could otherwise push another's Dataplane aside by its name.
        """
        if admitted.claims is None:
            return
        mesh = self.meshes.current(stored.mesh)
        by_workload = mesh is not None and self._by_workload(mesh, stored)
        try:
            admitted.claims.check(stored, by_workload)
        except tokens.Refused as refused:
            reason = f'the Dataplane "{stored.name}" that is stored may not be replaced: {refused}'
            raise Refused(Code.PERMISSION_DENIED, reason) from None

    async def _claims(self, key: Key, shown: Sequence[str]) -> DataplaneClaims | None:
        if self.keys is None:
            return None
        if len(shown) != 1:
            raise Refused(Code.UNAUTHENTICATED, "exactly one authorization value with a dataplane token is expected")
        try:
            return await self.keys.verify(tokens.proxies(key.mesh), DataplaneClaims, shown[0])
        except tokens.Refused as refused:
            raise Refused(Code.UNAUTHENTICATED, f"authentication failed: {refused}") from None
        except Unavailable as error:
            raise Refused(Code.UNAVAILABLE, f"the token can't be verified now: {error}") from None

    async def _mesh(self, key: Key, brought: Resource | None) -> Mesh:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.meshes.completed()
        except TimeoutError:
            raise Refused(Code.UNAVAILABLE, "the control plane has not read its store yet") from None

        def enough(mesh: Mesh) -> bool:
            return brought is not None or mesh.get("Dataplane", key.name) is not None

        mesh = await self.meshes.settled(key.mesh, enough, MOMENT)
        if mesh is None:
            raise Refused(Code.INVALID_ARGUMENT, f'mesh "{key.mesh}" does not exist')
        return mesh

    def _stored(self, mesh: Mesh, key: Key) -> Resource | None:
        return mesh.get("Dataplane", key.name)

    def _by_workload(self, mesh: Mesh, dataplane: Resource) -> bool:
        identity = best(mesh.identities, dataplane)
        return identity is not None and uses_workload(identity, self.local)

    def _check(self, mesh: Mesh, dataplane: Resource, claims: DataplaneClaims | None) -> None:
        by_workload = self._by_workload(mesh, dataplane)
        if by_workload and WORKLOAD not in dataplane.labels:
            reason = f'dataplane "{dataplane.name}" needs the label "{WORKLOAD}": its identity is derived from it'
            raise Refused(Code.INVALID_ARGUMENT, reason)
        if claims is None:
            return
        try:
            claims.check(dataplane, by_workload)
        except tokens.Refused as refused:
            raise Refused(Code.PERMISSION_DENIED, str(refused)) from None


def dataplane_key(node_id: str) -> Key:
    """The key of a node's Dataplane: mesh and name, split at the first dot. Raises Refused."""
    mesh, _, name = node_id.partition(".")
    if mesh_problem(mesh) or identifier_problem(name):
        raise Refused(Code.INVALID_ARGUMENT, f"node id {node_id[:300]!r} must be <mesh>.<name>")
    return Key("Dataplane", mesh, name)


def _metadata(node: Node) -> Metadata:
    try:
        metadata = Metadata.of(node.metadata)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise Refused(Code.INVALID_ARGUMENT, f"node metadata is malformed: {error}") from None
    if metadata.proxy_type not in ("", "dataplane"):
        raise Refused(Code.INVALID_ARGUMENT, f"unknown proxy type {str(metadata.proxy_type)[:100]!r}")
    return metadata


def _brought(key: Key, metadata: Metadata) -> Resource | None:
    if not metadata.dataplane:
        return None
    brought = BROUGHT.recall(str(metadata.dataplane)) or _read(metadata.dataplane)  # which need not be text
    if brought.key != key:
        reason = f"the Dataplane in the node metadata is {brought.key}, but the node id says {key}"
        raise Refused(Code.INVALID_ARGUMENT, reason)
    return brought


def _read(text: str) -> Resource:
    try:
        brought = parse_document(json.loads(text))
        wrong = validate(brought)
    except (ValueError, TypeError, RecursionError) as error:
        raise Refused(Code.INVALID_ARGUMENT, f"the Dataplane in the node metadata is no JSON: {error}") from None
    except Invalid as invalid:
        wrong = invalid.violations
    if wrong:
        raise Refused(Code.INVALID_ARGUMENT, f"the Dataplane in the node metadata is not valid: {_texts(wrong)}")
    return brought


def _without_dataplane(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is kept of a node's metadata: that it brought its Dataplane, but not the whole of it once more."""
    return frozendict({**metadata, DATAPLANE: ""}) if DATAPLANE in metadata else metadata


def _texts(violations: Sequence[Violation]) -> str:
    return "; ".join(f"{violation.field}: {violation.message}" for violation in violations)
