"""What policies of every kind may say, at random."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.zone_cp.anything.parts import (
    Documents,
    backends,
    counts,
    durations,
    durations_or_none,
    having,
    header_edits,
    header_matches,
    header_names,
    percentages,
    several,
    some,
    texts,
)

Conf = st.SearchStrategy[dict[str, Any]]

timeouts = some(
    connectionTimeout=durations,
    idleTimeout=durations_or_none,
    http=some(
        requestTimeout=durations_or_none,
        streamIdleTimeout=durations_or_none,
        maxStreamDuration=durations_or_none,
        maxConnectionDuration=durations_or_none,
        requestHeadersTimeout=durations_or_none,
    ),
)
request_timeouts = having(http=some(requestTimeout=durations_or_none, streamIdleTimeout=durations_or_none))

_volumes = {"minimumHosts": counts, "requestVolume": counts}
breakers = some(
    connectionLimits=some(
        maxConnections=counts, maxConnectionPools=counts, maxPendingRequests=counts, maxRetries=counts,
        maxRequests=counts,
    ),
    outlierDetection=having(
        {
            "disabled": st.booleans(), "interval": durations, "baseEjectionTime": durations,
            "maxEjectionPercent": st.sampled_from([0, 7, 100]), "splitExternalAndLocalErrors": st.booleans(),
            "healthyPanicThreshold": percentages,
        },
        detectors=some(
            totalFailures=some(consecutive=counts),
            gatewayFailures=some(consecutive=counts),
            localOriginFailures=some(consecutive=counts),
            successRate=some(standardDeviationFactor=st.sampled_from([1, "1.9", "0.0004", "2.0005"]), **_volumes),
            failurePercentage=some(threshold=st.sampled_from([0, 85, 100]), **_volumes),
        ),
    ),
)  # fmt: skip

_back_offs = some(baseInterval=durations, maxInterval=durations)
_limited = having(
    {"maxInterval": durations},
    resetHeaders=several(having(name=header_names, format=st.sampled_from(["Seconds", "UnixTimestamp"])), least=1),
)
_tries = {
    "numRetries": st.sampled_from([0, 1, 5]), "perTryTimeout": durations, "backOff": _back_offs,
    "rateLimitedBackOff": _limited,
}  # fmt: skip
_hosts = st.one_of(
    having(predicate=st.just("OmitPreviousHosts")),
    having(predicate=st.just("OmitHostsWithTags"), tags=st.just({"kuma.io/zone": "east", "version": "v1"})),
    having({"updateFrequency": st.sampled_from([1, 2])}, predicate=st.just("OmitPreviousPriorities")),
)
retries = some(
    tcp=having(maxConnectAttempt=counts),
    http=some(
        **_tries,
        retryOn=several(
            st.sampled_from(["5xx", "GatewayError", "Reset", "HttpMethodGet", "HttpMethodPut", 503, "429"])
        ),
        retriableResponseHeaders=several(header_matches),
        retriableRequestHeaders=several(header_matches),
        hostSelection=several(_hosts),
        hostSelectionMaxAttempts=st.sampled_from([0, 3]),
    ),
    grpc=some(**_tries, retryOn=several(st.sampled_from(["Canceled", "DeadlineExceeded", "Internal", "Unavailable"]))),
)

health = some(
    interval=durations, timeout=durations, unhealthyThreshold=st.sampled_from([1, 3]),
    healthyThreshold=st.sampled_from([1, 3]), initialJitter=durations, intervalJitter=durations,
    intervalJitterPercent=st.sampled_from([0, 10, 100]), failTrafficOnPanic=st.booleans(),
    eventLogPath=st.just("/dev/null"), alwaysLogHealthCheckFailures=st.booleans(), noTrafficInterval=durations,
    reuseConnection=st.booleans(),
    tcp=some(disabled=st.booleans(), send=st.sampled_from(["", "cGluZwo=", "ü"]), receive=several(texts | st.just(""))),
    http=some(
        disabled=st.booleans(), path=st.sampled_from(["/", "/health?a=b"]), requestHeadersToAdd=header_edits,
        expectedStatuses=several(st.sampled_from([100, 200, 599])),
    ),
    grpc=some(disabled=st.booleans(), serviceName=texts, authority=st.sampled_from(["a", "b.c:80"])),
)  # fmt: skip

_rates = having(num=counts, interval=st.sampled_from(["51ms", "1s", "10h"]))
request_limits = having(
    local=having(
        http=some(
            disabled=st.booleans(),
            requestRate=_rates,
            onRateLimit=some(status=st.sampled_from([200, 429, 503]), headers=header_edits),
        )
    )
)
limits = request_limits | having(local=having(tcp=some(disabled=st.booleans(), connectionRate=_rates)))

faults = some(
    http=several(
        some(
            abort=having(httpStatus=st.sampled_from([200, 503, 599]), percentage=percentages),
            delay=having(value=durations_or_none, percentage=percentages),
            responseBandwidth=having(limit=st.sampled_from(["1kbps", "50 Mbps", "2Gbps"]), percentage=percentages),
        )
    )
)

_zones = several(st.sampled_from(["east", "west", "north"]), least=1)
_failovers = having(
    {"from": having(zones=_zones)},
    to=having(type=st.sampled_from(["Any", "None"]))
    | having(type=st.sampled_from(["Only", "AnyExcept"]), zones=_zones),
)
_tags = several(having(key=st.sampled_from(["app", "k8s.io/node"])), most=2) | several(
    having(key=st.sampled_from(["app", "version"]), weight=st.sampled_from([1, 900])), most=2
)
_across = some(
    failover=several(_failovers),
    failoverThreshold=having(percentage=st.sampled_from([1, 70, "33.3", "0.0000001", "100"])),
)
_balancers = st.one_of(
    having({"roundRobin": st.just({})}, type=st.just("RoundRobin")),
    having(
        {"leastRequest": some(choiceCount=st.sampled_from([2, 10]), activeRequestBias=st.sampled_from([0, 1, "1.5"]))},
        type=st.just("LeastRequest"),
    ),
    having({"random": st.just({})}, type=st.just("Random")),
    having({"maglev": some(tableSize=st.sampled_from([1, 7, 65537, 5000011]))}, type=st.just("Maglev")),
    having(
        {
            "ringHash": some(
                hashFunction=st.sampled_from(["XXHash", "MurmurHash2"]),
                minRingSize=st.sampled_from([1, 1024]), maxRingSize=st.sampled_from([1024, 8000000]),
            )
        },
        type=st.just("RingHash"),
    ),
)  # fmt: skip
_hashes = st.one_of(
    having({"terminal": st.booleans()}, type=st.just("Header"), header=having(name=header_names)),
    having(
        type=st.just("Cookie"),
        cookie=having({"ttl": durations_or_none, "path": st.just("/a")}, name=st.sampled_from(["c", "session"])),
    ),
    having(type=st.just("Connection"), connection=having(sourceIP=st.booleans())),
    having(type=st.just("QueryParameter"), queryParameter=having(name=st.just("q"))),
    having(type=st.just("FilterState"), filterState=having(key=st.just("k"))),
)
hashing = having(hashPolicies=several(_hashes))


def balancing(across: bool) -> Documents:
    """How to balance; `across` where it may say what happens with other zones."""
    aware = {"disabled": st.booleans(), "localZone": some(affinityTags=_tags)} | (
        {"crossZone": _across} if across else {}
    )
    return some(localityAwareness=some(**aware), loadBalancer=_balancers, hashPolicies=several(_hashes))


BACKEND_REFS = st.sampled_from(["collector", "absent"]).map(
    lambda name: {"kind": "MeshOpenTelemetryBackend", "labels": {"kuma.io/display-name": name}}
)
_plain = st.sampled_from([
    "%KUMA_SOURCE_SERVICE%-%KUMA_DESTINATION_SERVICE% %KUMA_SOURCE_ADDRESS% %KUMA_TRAFFIC_DIRECTION% %KUMA_WORKLOAD%",
    "[%START_TIME(%Y)%] %KUMA_MESH% %KUMA_ZONE% %KUMA_SOURCE_ADDRESS_WITHOUT_PORT% %REQ(X?Y):9%",
])  # fmt: skip
_formats = having({"omitEmptyValues": st.booleans()}, type=st.just("Plain"), plain=_plain) | having(
    {"omitEmptyValues": st.booleans()},
    type=st.just("Json"),
    json=several(having(key=st.sampled_from(["a", "b"]), value=_plain), least=1),
)
_bodies = st.sampled_from([
    "%KUMA_MESH%", {"stringValue": "%KUMA_ZONE%"}, {"kvlistValue": {"values": [{"key": "%KUMA_MESH%"}]}}, {"x": 1}, 5,
])  # fmt: skip
_logs = st.one_of(
    having(type=st.just("File"), file=having({"format": _formats}, path=st.just("/dev/null"))),
    having(type=st.just("Tcp"), tcp=having({"format": _formats}, address=st.sampled_from(["logs:99", "10.0.0.9:1"]))),
    having(
        type=st.just("OpenTelemetry"),
        openTelemetry=having(
            {"attributes": several(having(key=st.sampled_from(["a", "b.c"]), value=_plain)), "body": _bodies},
            backendRef=BACKEND_REFS,
        ),
    ),
)
logging = having(backends=several(_logs))

_tracers = st.one_of(
    having(
        type=st.just("Zipkin"),
        zipkin=having(
            {
                "traceId128bit": st.booleans(), "apiVersion": st.sampled_from(["httpJson", "httpProto"]),
                "sharedSpanContext": st.booleans(),
            },
            url=st.sampled_from(["http://zipkin:9411/api/v2/spans", "https://10.1.1.1:443", "http://zipkin/api"]),
        ),
    ),
    having(type=st.just("Datadog"), datadog=having({"splitService": st.booleans()}, url=st.just("http://dog:8126"))),
    having(type=st.just("OpenTelemetry"), openTelemetry=having(backendRef=BACKEND_REFS)),
)  # fmt: skip
_labels = st.one_of(
    having(name=st.sampled_from(["team", "kuma.mesh"]), literal=texts),
    having(name=st.sampled_from(["who", "kuma.zone"]), header=having({"default": texts}, name=header_names)),
)
tracing = having(
    {"sampling": some(overall=percentages, client=percentages, random=percentages), "tags": several(_labels)},
    backends=several(_tracers, most=1),
)

_versions = [{"min": "TLS12"}, {"max": "TLS13"}, {"min": "TLS12", "max": "TLS12"}, {"min": "TLSAuto", "max": "TLS13"}]
tls = some(
    mode=st.sampled_from(["Strict", "Permissive"]),
    tlsVersion=st.sampled_from(_versions),
    tlsCiphers=several(st.sampled_from(["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"])),
)

_paths = having(type=st.just("Exact"), value=st.sampled_from(["/", "/a", "/a/b"])) | having(
    type=st.just("PathPrefix"), value=st.sampled_from(["/", "/a", "/a/b"])
)
_patterns = having(type=st.just("RegularExpression"), value=st.sampled_from(["/a.*", ".*", "/[0-9]+"]))
_queries = having(
    type=st.sampled_from(["Exact", "RegularExpression"]),
    name=st.sampled_from(["q", "r"]),
    value=st.sampled_from(["1", ""]),
)
_requests = some(
    path=_paths | _patterns,
    method=st.sampled_from(["GET", "CONNECT", "POST"]),
    queryParams=several(_queries),
    headers=several(header_matches),
)
_new_paths = having(type=st.just("ReplaceFullPath"), replaceFullPath=st.sampled_from(["/", "/new", r"/\1"])) | having(
    type=st.just("ReplacePrefixMatch"), replacePrefixMatch=st.sampled_from(["/", "/new", "/new/", ""])
)
_edits = some(
    set=st.lists(having(name=st.just("x-set"), value=texts), max_size=1),
    add=st.lists(having(name=st.just("x-add"), value=texts), max_size=1),
    remove=st.lists(st.just("x-gone"), max_size=1),
)
_filters = st.one_of(
    having(type=st.just("RequestHeaderModifier"), requestHeaderModifier=_edits),
    having(type=st.just("ResponseHeaderModifier"), responseHeaderModifier=_edits),
    having(
        type=st.just("RequestRedirect"),
        requestRedirect=some(
            scheme=st.sampled_from(["http", "https"]), hostname=st.just("other.example"), path=_new_paths,
            port=st.sampled_from([1, 8443, 65535]), statusCode=st.sampled_from([301, 302, 303, 307, 308]),
        ),
    ),
    having(type=st.just("URLRewrite"), urlRewrite=some(hostname=st.just("other.example"), path=_new_paths)),
    having(type=st.just("RequestMirror"), requestMirror=having({"percentage": percentages}, backendRef=backends)),
)  # fmt: skip
http_rules = several(
    having(
        matches=several(_requests, least=1),
        default=some(filters=several(_filters), backendRefs=several(backends)),
    ),
    most=3,
)
tcp_rules = several(having(default=having(backendRefs=several(backends, least=1))), most=1)

_outside = st.one_of(
    having(
        type=st.just("Domain"),
        value=st.sampled_from(["a.example", "b.a.example", "*.example"]),
        port=st.sampled_from([80, 443]),
        protocol=st.sampled_from(["tls", "http", "http2", "grpc"]),
    ),
    having(
        {"port": st.sampled_from([80, 443, 3306]), "protocol": st.sampled_from(["tcp", "tls", "mysql", "http"])},
        type=st.just("IP"),
        value=st.sampled_from(["192.0.2.1", "2001:db8::1"]),
    ),
    having(
        {"port": st.sampled_from([80, 443])},
        type=st.just("CIDR"),
        value=st.sampled_from(["192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32"]),
    ),
)
passing = some(passthroughMode=st.sampled_from(["All", "Matched", "None"]), appendMatch=several(_outside, most=4))
