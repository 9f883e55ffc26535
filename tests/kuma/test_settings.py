"""Settings: built in, from a file, from the environment; what is wrong with them, and what others may see."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from certs import tokens
from certs.server import new_server_pair
from kuma.clock import SystemClock
from kuma.settings import BadSettings, Machine, Settings, completed, load, show_redacted, static_keys
from kuma.settings.environment import variables
from kuma.settings.layers import shown

HOME = Machine(Path("/home/jane"), "10.0.0.5")


@pytest.fixture
def file(tmp_path):
    def write(text: str) -> str:
        (tmp_path / "kuma-cp.yaml").write_text(text)
        return str(tmp_path / "kuma-cp.yaml")

    return write


def problems(text: str | None = None, **environ: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        load(text, environ)
    return [str(problem) for problem in caught.value.problems]


def test_what_is_built_in():
    settings = load(None, {})
    assert settings == Settings()
    assert (settings.mode, settings.environment, settings.store.type) == ("zone", "universal", "memory")
    assert (settings.dp_server.port, settings.dp_server.grpc_port) == (5678, 5684)
    assert settings.store.upsert.conflict_retry_base_backoff == timedelta(milliseconds=200)
    assert settings.multizone.zone.name == "default"
    assert not settings.federated


def test_the_environment_wins_over_the_file_and_the_file_over_what_is_built_in(file):
    said = file("dpServer: {port: 1, tlsCertFile: a, tlsKeyFile: b}\nmultizone: {zone: {name: east}}")
    settings = load(said, {"KUMA_DP_SERVER_PORT": "2", "KUMA_DP_SERVER_GRPC_PORT": "0"})
    assert (settings.dp_server.port, settings.dp_server.grpc_port) == (2, 0)
    assert settings.dp_server.tls_cert_file == "a"
    assert settings.multizone.zone.name == "east"
    assert settings.api_server.http.port == 5681


def test_shared_shapes_keep_their_own_defaults_when_half_is_said(file):
    said = file("runtime: {kubernetes: {injector: {sidecarContainer: {startupProbe: {timeoutSeconds: 9}}}}}")
    probe = load(said, {}).runtime.kubernetes.injector.sidecar_container.startup_probe
    assert (probe.initial_delay_seconds, probe.timeout_seconds) == (1, 9)


def test_names_in_files_may_be_capitalised_in_any_way_and_unknown_ones_are_ignored(file):
    settings = load(file("DPSERVER: {Port: 7}\ndefaults: {skipHostnameGenerators: true}\nold: {x: 1}\nstore:"), {})
    assert settings.dp_server.port == 7
    assert settings.defaults.skip_hostname_generators


def test_durations_are_text_or_nanoseconds(file):
    settings = load(file("apiServer: {readTimeout: 1h2m3.5s, writeTimeout: 1500000000}"), {})
    assert settings.api_server.read_timeout == timedelta(hours=1, minutes=2, seconds=3.5)
    assert settings.api_server.write_timeout == timedelta(seconds=1.5)


def test_every_type_can_come_from_the_environment():
    settings = load(
        None,
        {
            "KUMA_STORE_UNSAFE_DELETE": "T",
            "KUMA_API_SERVER_READ_ONLY": "0",
            "KUMA_DP_SERVER_PORT": "0x10",
            "KUMA_GENERAL_DNS_CACHE_TTL": "300ms",
            "KUMA_API_SERVER_CORS_ALLOWED_DOMAINS": "a,b",
            "KUMA_CORE_RESOURCES_ENABLED": "",
            "KUMA_RUNTIME_KUBERNETES_SIDECAR_TRAFFIC_EXCLUDE_INBOUND_PORTS": "1,2",
            "KUMA_RUNTIME_KUBERNETES_INJECTOR_SIDECAR_CONTAINER_ENV_VARS": "a:b,c:d:e",
            "KUMA_STORE_POSTGRES_PASSWORD": "",
            "KUMA_MODE": "global",
        },
    )
    assert settings.store.unsafe_delete
    assert not settings.api_server.read_only
    assert settings.dp_server.port == 16
    assert settings.general.dns_cache_ttl == timedelta(milliseconds=300)
    assert settings.api_server.cors_allowed_domains == ("a", "b")
    assert settings.core_resources.enabled == ()
    injector = settings.runtime.kubernetes.injector
    assert injector.sidecar_traffic.exclude_inbound_ports == (1, 2)
    assert dict(injector.sidecar_container.env_vars) == {"a": "b", "c": "d:e"}
    assert settings.store.postgres.password == ""
    assert settings.mode == "global"


NAMES = {
    "store.postgres.tls.disableSSLSNI": "KUMA_STORE_POSTGRES_TLS_DISABLE_SSLSNI",
    "store.postgres.tls.caPath": "KUMA_STORE_POSTGRES_TLS_CA_PATH",
    "multizone.global.kds.grpcPort": "KUMA_MULTIZONE_GLOBAL_KDS_GRPC_PORT",
    "xdsServer.dataplaneDeregistrationDelay": "KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY",
    "runtime.kubernetes.injector.sidecarContainer.gid": "KUMA_RUNTIME_KUBERNETES_INJECTOR_SIDECAR_CONTAINER_GUI",
    "runtime.kubernetes.injector.initContainer.resources.limits.cpu": (
        "KUMA_INJECTOR_INIT_CONTAINER_RESOURCES_LIMITS_CPU"
    ),
    "metrics.openTelemetry.enabled": "KUMA_METRICS_OPENTELEMETRY_ENABLED",
    "dpServer.hds.checkDefaults.noTrafficInterval": "KUMA_DP_SERVER_HDS_CHECK_NO_TRAFFIC_INTERVAL",
    "access.static.viewConfigDump.users": "KUMA_ACCESS_STATIC_GET_CONFIG_DUMP_USERS",
    "policies.pluginPoliciesEnabled": "KUMA_PLUGIN_POLICIES_ENABLED",
    "defaults.SkipHostnameGenerators": "KUMA_DEFAULTS_SKIP_HOSTNAME_GENERATORS",
    "ipam.knownInternalCIDRs": "KUMA_IPAM_KNOWN_INTERNAL_CIDRS",
}


def test_variables_are_called_as_elsewhere_and_each_is_one_setting():
    found = {".".join(variable.path): variable.name for variable in variables(Settings)}
    assert {path: found[path] for path in NAMES} == NAMES
    assert len({*found.values()}) == len(found) == 303
    assert "apiServer.authn.tokens.validator.publicKeys" not in found


@given(st.sampled_from(list(variables(Settings))), st.text(st.characters(exclude_characters="\0"), max_size=20))
def test_any_text_in_any_variable_is_taken_or_refused_by_its_name(variable, text):
    with suppress(BadSettings):
        load(None, {variable.name: text})


def test_all_problems_at_once_and_by_name(file):
    said = file(
        """
        mode: standalone
        dpServer: {port: 70000, tlsCertFile: a}
        store: {type: postgres, postgres: {host: "", maxConnectionLifetimeJitter: 2h, tls: {mode: verifyFull}}}
        multizone: {zone: {name: East_1, globalAddress: "http://global", kds: {rootCaFile: /nowhere}}}
        apiServer: {authn: {tokens: {validator: {publicKeys: [{kid: "1"}, {key: x}, {kid: "3", keyFile: /nowhere}]}}}}
        ipam: {meshService: {cidr: many}, knownInternalCIDRs: [10.0.0.0/8, "x"]}
        general: {tlsCipherSuites: [TLS_NONE], tlsMaxVersion: TLSv1_1}
        xdsServer: 5
        """
    )
    found = problems(said, KUMA_STORE_UNSAFE_DELETE="maybe", KUMA_EVENT_BUS_BUFFER_SIZE="")
    assert sorted(found) == sorted(
        [
            "store.unsafeDelete: KUMA_STORE_UNSAFE_DELETE: 'maybe' is not true or false",
            "eventBus.bufferSize: KUMA_EVENT_BUS_BUFFER_SIZE: '' is not a whole number",
            "mode: should be one of [zone global]",
            "dpServer.port: should be less than or equal to 65535",
            "dpServer.tlsKeyFile: TlsKeyFile cannot be empty when TlsCertFile is provided",
            "store.postgres.host: must not be empty",
            "store.postgres.maxConnectionLifetimeJitter: must not be greater than maxConnectionLifetime",
            "store.postgres.tls.caPath: CAPath cannot be empty when mode is verifyFull",
            'multizone.zone.name: Zone name "East_1" has to be a valid RFC1035 DNS label',
            "multizone.zone.globalAddress: must be a URL with the scheme grpc or grpcs",
            "multizone.zone.kds.rootCaFile: can't read /nowhere: No such file or directory",
            "apiServer.authn.tokens.validator.publicKeys[0].key: exactly one of key and keyFile is required",
            "apiServer.authn.tokens.validator.publicKeys[1].kid: is required",
            "apiServer.authn.tokens.validator.publicKeys[1]: the signing key is not a key in PEM",
            "apiServer.authn.tokens.validator.publicKeys[2]: can't read /nowhere: No such file or directory",
            "ipam.meshService.cidr: must be a valid CIDR, not 'many'",
            "ipam.knownInternalCIDRs[1]: must be a valid CIDR, not 'x'",
            "general.tlsCipherSuites[0]: unknown cipher suite 'TLS_NONE'",
            "general.tlsMaxVersion: should be one of [ TLSv1_2 TLSv1_3]",
            'xdsServer: must be of type object: "number"',
        ]
    )


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        ({"KUMA_MODE": "global", "KUMA_ENVIRONMENT": "kubernetes"}, "environment: a global control plane runs"),
        ({"KUMA_MODE": "global", "KUMA_STORE_TYPE": "kubernetes"}, "store.type: a global control plane can't"),
        ({"KUMA_ENVIRONMENT": "kubernetes"}, "runtime.kubernetes.admissionServer.certDir: must not be empty"),
        ({"KUMA_MULTIZONE_GLOBAL_KDS_ZONE_HEALTH_CHECK_TIMEOUT": "5s"}, "timeout and pollInterval must both be set"),
        ({"KUMA_MESH_SERVICE_LABEL_PROPAGATION_ALLOWED_LABEL_KEYS": "kuma.io/x"}, "reserved label key 'kuma.io/x'"),
        ({"KUMA_STORE_POSTGRES_READ_REPLICA_RATIO": "101"}, "should be less than or equal to 100"),
        ({"KUMA_STORE_POSTGRES_MIN_OPEN_CONNECTIONS": "60"}, "must not be greater than maxOpenConnections"),
        ({"KUMA_DNS_SERVER_DOMAIN": ".mesh"}, "dnsServer.domain: domain must not start with a dot"),
        ({"KUMA_GENERAL_DNS_CACHE_TTL": "5"}, "general.dnsCacheTTL: must be a duration such as 1h30m or 250ms"),
        ({"KUMA_XDS_SERVER_DATAPLANE_STATUS_FLUSH_INTERVAL": "0s"}, "must be greater than 0"),
    ],
)
def test_what_does_not_go_together(environ, problem):
    (found,) = problems(None, **environ)
    assert problem in found


def test_a_file_that_is_not_there():
    (found,) = problems("/nowhere.yaml")
    assert "unable to access configuration file '/nowhere.yaml', please check if the file exists" in found


@pytest.mark.parametrize("text", ["{", "- 1", "text", "a: &a [*a]\nb: \x00"])
def test_a_file_that_holds_no_settings(file, text):
    assert len(problems(file(text))) == 1


def test_an_empty_file_says_nothing(file):
    assert load(file(""), {}) == Settings()


def test_the_authority_of_the_global_control_plane_must_be_certificates(tmp_path):
    authority = tmp_path / "ca.pem"
    authority.write_text("nonsense")
    (found,) = problems(None, KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE=str(authority))
    assert "holds no certificates in PEM" in found
    authority.write_bytes(new_server_pair(("localhost",), SystemClock().now()).certificate)
    load(None, {"KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE": str(authority)})


def test_what_is_shown_is_what_was_said(file, tmp_path):
    settings = load(None, {"KUMA_DP_SERVER_PORT": "0", "KUMA_API_SERVER_READ_TIMEOUT": "90s", "KUMA_MODE": "global"})
    assert load(file(yaml.safe_dump(shown(settings))), {}) == settings


def test_what_others_see_says_everything_but_the_password():
    document = show_redacted(load(None, {"KUMA_STORE_POSTGRES_PASSWORD": "hunter2"}))
    assert document["store"]["postgres"]["password"] == "*****"
    assert document["store"]["type"] == "memory"
    assert document["general"]["dnsCacheTTL"] == "10s"
    assert document["runtime"]["universal"]["dataplaneCleanupAge"] == "72h0m0s"
    assert document["bootstrapServer"]["params"]["xdsHost"] == ""
    assert document["defaults"]["SkipHostnameGenerators"] is False
    assert "allowedUsers" not in document["runtime"]["kubernetes"]
    assert "hunter2" not in str(document)


def test_the_password_is_not_in_reprs():
    assert "hunter2" not in repr(load(None, {"KUMA_STORE_POSTGRES_PASSWORD": "hunter2"}))


def test_gaps_are_filled():
    settings = completed(load(None, {}), HOME)
    assert settings.general.work_dir == "/home/jane/.kuma"
    for server in (settings.dp_server, settings.api_server.https, settings.multizone.global_.kds, settings.diagnostics):
        assert server.tls_cert_file == "/home/jane/.kuma/kuma-cp.crt"
        assert server.tls_key_file == "/home/jane/.kuma/kuma-cp.key"
    assert settings.dp_server.authn.dp_proxy.type == "dpToken"
    assert settings.bootstrap_server.params.xds_port == 5684
    assert settings.inter_cp.catalog.instance_address == "10.0.0.5"


def test_what_was_said_is_not_filled():
    environ = {
        "KUMA_GENERAL_TLS_CERT_FILE": "/a.crt",
        "KUMA_GENERAL_TLS_KEY_FILE": "/a.key",
        "KUMA_API_SERVER_HTTPS_TLS_CERT_FILE": "/api.crt",
        "KUMA_API_SERVER_HTTPS_TLS_KEY_FILE": "/api.key",
        "KUMA_DP_SERVER_AUTHN_DP_PROXY_TYPE": "none",
        "KUMA_BOOTSTRAP_SERVER_PARAMS_XDS_PORT": "9",
        "KUMA_API_SERVER_HTTPS_TLS_MIN_VERSION": "TLSv1_3",
        "KUMA_GENERAL_TLS_MIN_VERSION": "",
    }
    settings = completed(load(None, environ), HOME)
    assert settings.dp_server.tls_key_file == "/a.key"
    assert settings.api_server.https.tls_key_file == "/api.key"
    assert settings.dp_server.authn.dp_proxy.type == "none"
    assert settings.bootstrap_server.params.xds_port == 9
    assert settings.api_server.https.tls_min_version == "TLSv1_3"


def test_general_words_on_tls_hold_for_every_server():
    environ = {"KUMA_API_SERVER_HTTPS_TLS_MIN_VERSION": "TLSv1_2", "KUMA_GENERAL_TLS_MIN_VERSION": "TLSv1_3"}
    settings = completed(load(None, environ), HOME)
    assert settings.api_server.https.tls_min_version == "TLSv1_3"
    assert settings.inter_cp.server.tls_min_version == "TLSv1_3"


def test_kubernetes_brings_its_own_way_of_proving_who_one_is():
    environ = {
        "KUMA_ENVIRONMENT": "kubernetes",
        "KUMA_STORE_TYPE": "kubernetes",
        "KUMA_RUNTIME_KUBERNETES_ADMISSION_SERVER_CERT_DIR": "/certs",
    }
    settings = completed(load(None, environ), HOME)
    assert settings.dp_server.authn.dp_proxy.type == "serviceAccountToken"
    assert settings.dp_server.authn.enable_reloadable_tokens


def test_a_zone_with_a_global_address_is_federated():
    environ = {"KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS": "grpcs://localhost:5685"}
    assert load(None, environ).federated
    assert not load(None, environ | {"KUMA_MODE": "global"}).federated


def test_public_keys_come_from_the_settings_or_from_files(file, tmp_path):
    pem = tokens.public_pem(tokens.new_signing_key())
    (tmp_path / "key.pem").write_bytes(pem)
    keys = [{"kid": "1", "mesh": "default", "key": pem.decode()}, {"kid": "2", "keyFile": str(tmp_path / "key.pem")}]
    said = {"dpServer": {"authn": {"dpProxy": {"dpToken": {"validator": {"publicKeys": keys}}}}}}
    validator = load(file(yaml.safe_dump(said)), {}).dp_server.authn.dp_proxy.dp_token.validator
    found = static_keys(validator.public_keys)
    assert [(key.kid, key.mesh) for key in found] == [("1", "default"), ("2", "")]
    assert found[0].key == found[1].key == tokens.public_key(pem)
