"""`kuma-dp run` with a real Envoy, and a control plane that answers one bootstrap."""

import base64
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest
from attrs import define, field
from twisted.names import dns

from kuma import sockets
from kuma.cli.dp.dynamic import SOCKET
from tests.certificates import server_pair
from tests.ports import free_ports

ENVOY = """
admin: {{ address: {{ pipe: {{ path: "{folder}/kuma-envoy-admin.sock", mode: 384 }} }} }}
static_resources: {{}}
"""
NAMES = """
admin: {{ address: {{ pipe: {{ path: "{folder}/kuma-envoy-admin.sock", mode: 384 }} }} }}
static_resources:
  listeners:
  - address: {{ pipe: {{ path: "{socket}" }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: dynamic
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }}
          route_config:
            virtual_hosts:
            - name: dynamic
              domains: ["*"]
              routes:
              - match: {{ path: /dns }}
                direct_response:
                  status: 200
                  body: {{ inline_string: '{document}' }}
"""
DATAPLANE = "{type: Dataplane, mesh: default, name: web, networking: {address: 127.0.0.1}}"


@define
class ControlPlane:
    """Answers `POST /bootstrap`: with each of `answers` in turn, then with the last again and again."""

    answers: list[tuple[int, bytes]]
    url: str = ""
    asked: list[dict] = field(factory=list)


@pytest.fixture
def control_plane(tmp_path):
    pair = server_pair()
    (tmp_path / "ca.pem").write_bytes(pair.cert)
    (tmp_path / "key.pem").write_bytes(pair.key)
    plane = ControlPlane([])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            plane.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            status, body = plane.answers[0] if len(plane.answers) == 1 else plane.answers.pop(0)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    plane.url = f"https://localhost:{server.server_port}"
    plane.answers.append((200, bootstrap(ENVOY.format(folder=tmp_path / "work"))))
    yield plane
    server.shutdown()
    server.server_close()


def bootstrap(text):
    return json.dumps({"bootstrap": base64.b64encode(text.encode()).decode()}).encode()


@define
class Dp:
    process: subprocess.Popen
    port: int
    dns: int

    def ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/ready")
            answer = connection.getresponse()
            return answer.status, answer.read().strip()
        except OSError:
            return None
        finally:
            connection.close()

    def envoy(self):
        return next(child for child in psutil.Process(self.process.pid).children() if child.name() == "envoy")


@pytest.fixture
def start(control_plane, tmp_path):
    started = []

    def start(*more, **environment):
        port, dns = free_ports(2)
        command = [
            *(sys.executable, "-m", "kuma.cli.dp", "run"),
            *("--cp-address", control_plane.url, "--dataplane", DATAPLANE, "--readiness-port", str(port)),
            *("--work-dir", str(tmp_path / "work"), "--drain-time", "2s", "--concurrency", "1"),
            *("--retry-backoff", "50ms", "--retry-for", "1s", "--dns-proxy-port", str(dns)),
            *more,
        ]
        if "--ca-cert-file" not in more:
            command += ["--ca-cert-file", str(tmp_path / "ca.pem")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(process)
        return Dp(process, port, dns)

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(check, within=15):
    deadline = time.monotonic() + within
    while not (found := check()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)
    return found


def live(dp):
    return wait_for(lambda: dp.ready() == (200, b"LIVE"))


def test_envoy_runs_is_drained_and_ended(start, control_plane):
    dp = start()
    live(dp)
    assert control_plane.asked[0]["mesh"] == "default"
    assert control_plane.asked[0]["name"] == "web"
    assert json.loads(control_plane.asked[0]["dataplaneResource"])["networking"] == {"address": "127.0.0.1"}
    assert control_plane.asked[0]["version"]["envoy"]["version"] == "1.40.0"
    dp.process.send_signal(signal.SIGTERM)
    wait_for(lambda: dp.ready() == (503, b"TERMINATING"))
    output, _ = dp.process.communicate(timeout=20)
    assert dp.process.returncode == 0
    assert "starting main dispatch loop" in output, "envoy's own log passes through"


TRANSPARENT = DATAPLANE.replace(
    "address: 127.0.0.1", "address: 127.0.0.1, transparentProxying: {redirectPortOutbound: 15001}"
)
TOLD = {"records": [{"name": "backend.svc.mesh.local", "ips": ["241.0.0.7"]}], "ttl": 30, "extraLabels": {}}


def test_names_are_resolved_as_the_control_plane_tells(start, control_plane, tmp_path):
    folder = tmp_path / "work"
    named = NAMES.format(folder=folder, socket=sockets.path(str(folder), SOCKET), document=json.dumps(TOLD))
    control_plane.answers[:] = [(200, bootstrap(named))]
    dp = start("--dataplane", TRANSPARENT)
    live(dp)
    assert resolved(dp, "backend.svc.mesh.local") == "241.0.0.7"


def test_a_workload_that_needs_names_waits_for_them(start):
    dp = start("--dataplane", TRANSPARENT)
    wait_for(lambda: dp.ready() == (503, b"NOT_READY"))


def test_a_workload_may_do_without_names(start):
    dp = start("--dataplane", TRANSPARENT, "--dns-enabled=false")
    live(dp)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as nobody:
        assert nobody.connect_ex(("127.0.0.1", dp.dns)) != 0


def resolved(dp, name):
    """The address that the name server beside the workload gives."""
    message = dns.Message(id=1)
    message.addQuery(name.encode(), dns.A)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(5)
        asking.sendto(message.toStr(), ("127.0.0.1", dp.dns))
        said = dns.Message()
        said.fromStr(asking.recv(512))
    (answer,) = said.answers
    return answer.payload.dottedQuad()


def test_a_second_signal_ends_the_patience(start):
    dp = start("--drain-time", "10m")
    live(dp)
    dp.process.send_signal(signal.SIGINT)
    wait_for(lambda: dp.ready() == (503, b"TERMINATING"))
    dp.process.send_signal(signal.SIGINT)
    assert dp.process.wait(20) == 0


def test_killed_it_leaves_no_orphan(start):
    dp = start()
    live(dp)
    envoy = dp.envoy()
    dp.process.kill()
    psutil.wait_procs([envoy], timeout=10)
    assert not envoy.is_running() or envoy.status() == psutil.STATUS_ZOMBIE


def test_the_exit_code_of_envoy_passes_through(start):
    dp = start()
    live(dp)
    dp.envoy().kill()
    assert dp.process.wait(20) == 128 + signal.SIGKILL


def test_it_sits_beside_every_workload_so_it_is_small(start):
    dp = start()
    live(dp)
    assert psutil.Process(dp.process.pid).memory_info().rss < 45 * 1024 * 1024


def test_a_control_plane_that_comes_later_is_waited_for(start, control_plane):
    control_plane.answers[:0] = [(503, b"store unavailable"), (404, b"")]
    live(start())
    assert len(control_plane.asked) == 3


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((422, b"networking.address: must not be empty"), "networking.address"),
        ((200, b"{}"), "not a bootstrap"),
        ((404, b"404: Page Not Found"), "5678"),
        ((500, b"oh no"), "oh no"),
    ],
)
def test_what_the_control_plane_says_is_told(start, control_plane, answer, says):
    control_plane.answers[:] = [answer]
    dp = start()
    output, _ = dp.process.communicate(timeout=20)
    assert dp.process.returncode == 1
    assert says in output
    assert "Traceback" not in output


def test_a_stranger_is_not_believed(start, tmp_path):
    (tmp_path / "other.pem").write_bytes(server_pair().cert)
    dp = start("--ca-cert-file", str(tmp_path / "other.pem"))
    output, _ = dp.process.communicate(timeout=20)
    assert dp.process.returncode == 1
    assert "not trusted" in output


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--cp-address", "localhost:5678"], "--cp-address"),
        (["--drain-time", "0"], "--drain-time"),
        (["--mesh", "x"], "--mesh"),
        (["--binary-path", "/no/envoy"], "/no/envoy"),
        (["--dataplane-var", "x"], "name=value"),
    ],
)
def test_a_flag_that_makes_no_sense_is_named(start, flags, says):
    output, _ = start(*flags).process.communicate(timeout=20)
    assert says in output
    assert "Traceback" not in output
