"""Documents that the control plane has Envoy serve to kuma-dp."""

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

import pytest
from prometheus_client import CollectorRegistry
from twisted.internet.defer import ensureDeferred

from kuma import sockets
from kuma.cli.dp.dynamic import SOCKET, Dynamic
from kuma.cli.dp.metrics.own import documents_taken
from kuma.loop import future


class Served:
    """What Envoy serves: documents by path, with their ETags; and what it was asked."""

    def __init__(self, folder):
        served = self
        self.documents = {}
        self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                tag = self.headers.get("if-none-match")
                served.asked.append((self.path, tag))
                body, etag = served.documents.get(self.path, (None, ""))
                status = 404 if body is None else 304 if tag == etag else 200
                self.send_response(status)
                self.send_header("etag", etag)
                self.end_headers()
                if status == 200:
                    self.wfile.write(body)

            def address_string(self):
                return "kuma-dp"

            def log_message(self, *arguments):
                pass

        self.server = socketserver.ThreadingUnixStreamServer(sockets.path(str(folder), SOCKET), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path)
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def taken():
    return []


@pytest.fixture
def dynamic(tmp_path, taken):
    def take(document):
        taken.append(document)
        if document == "wrong":
            raise ValueError("wrong")

    return Dynamic(tmp_path, {"/dns": take}, documents_taken(CollectorRegistry()))


def document(value, etag):
    return json.dumps(value).encode(), etag


async def rounds(dynamic, number=1):
    for _ in range(number):
        await future(ensureDeferred(dynamic.round()))


async def test_a_document_is_taken_once_until_it_changes(served, dynamic, taken):
    served.documents["/dns"] = document({"a": 1}, "one")
    await rounds(dynamic, 2)
    served.documents["/dns"] = document({"a": 2}, "two")
    await rounds(dynamic, 2)
    assert taken == [{"a": 1}, {"a": 2}]
    assert dynamic.taken.count("/dns") == 2
    assert served.asked == [("/dns", None), ("/dns", "one"), ("/dns", "one"), ("/dns", "two")]


@pytest.mark.parametrize("body", [b'"wrong"', b"no json"])
async def test_what_was_of_no_use_is_asked_for_again(served, dynamic, body):
    served.documents["/dns"] = body, "one"
    await rounds(dynamic, 2)
    assert served.asked == [("/dns", None), ("/dns", None)]


async def test_a_document_that_is_gone_is_said_to_be_and_new_when_it_comes_back(served, dynamic, taken):
    served.documents["/dns"] = document(1, "one")
    await rounds(dynamic)
    gone = served.documents.pop("/dns")
    await rounds(dynamic, 2)
    served.documents["/dns"] = gone
    await rounds(dynamic)
    assert taken == [1, None, 1]


async def test_no_envoy_yet_is_no_error(dynamic, taken, tmp_path):
    await rounds(dynamic)
    served = Served(tmp_path)
    served.documents["/dns"] = document(1, "one")
    await rounds(dynamic)
    served.server.shutdown()
    served.server.server_close()
    await rounds(dynamic)  # the socket's file is left, and nobody listens there
    assert taken == [1]
    assert dynamic._tags == {"/dns": "one"}
