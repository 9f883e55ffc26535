"""Every policy, in the order in which they edit. To add one: its file, and its line here."""

from collections.abc import Mapping
from types import MappingProxyType

from kuma.policies import (
    meshaccesslog,
    meshcircuitbreaker,
    meshfaultinjection,
    meshhealthcheck,
    meshhttproute,
    meshloadbalancingstrategy,
    meshmetric,
    meshpassthrough,
    meshproxypatch,
    meshratelimit,
    meshretry,
    meshtcproute,
    meshtimeout,
    meshtls,
    meshtrace,
    meshtrafficpermission,
)
from kuma.policy import Policy

POLICIES: tuple[Policy, ...] = (
    meshhttproute.POLICY,
    meshtcproute.POLICY,
    meshtls.POLICY,
    meshloadbalancingstrategy.POLICY,
    meshpassthrough.POLICY,
    meshaccesslog.POLICY,
    meshtrace.POLICY,
    meshfaultinjection.POLICY,
    meshratelimit.POLICY,
    meshtimeout.POLICY,
    meshtrafficpermission.POLICY,
    meshhealthcheck.POLICY,
    meshcircuitbreaker.POLICY,
    meshretry.POLICY,
    meshmetric.POLICY,
    meshproxypatch.POLICY,
)
BY_KIND: Mapping[str, Policy] = MappingProxyType({policy.kind.name: policy for policy in POLICIES})
