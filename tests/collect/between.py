"""A proxy between the collector and a moto server, which keeps a log of requests and fails some of them."""

import json
import threading
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer


def throttled(handler):
    handler.answer(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})


def denied(handler):
    handler.answer(403, {"__type": "AccessDeniedException", "message": "not authorized"})


def denied_in_xml(handler):
    body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
    handler.answer(403, body)


def expired(handler):
    handler.answer(400, {"__type": "ExpiredTokenException", "message": "The security token is expired"})


def broken(handler):
    handler.answer(500, {"__type": "InternalServerError", "message": ""})


def cut(handler):
    """End the connection in the middle of an answer."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"half')
    handler.close_connection = True


def nonsense(handler):
    handler.answer(200, "<html>Please sign in to this network</html>")


def answering(body, status=200):
    """Answer for the service."""
    return lambda handler: handler.answer(status, body)


class Faults:
    """What fails: rules of a text in the request, what happens then, and how often.

    The text is sought in the request's first line, its target and its body.
    """

    def __init__(self):
        self.log = []
        self._rules = []
        self._lock = threading.Lock()

    def add(self, text, fault, times=None):
        self._rules.append([text, fault, times])

    def clear(self):
        self.log, self._rules = [], []

    def of(self, request):
        with self._lock:
            self.log.append(request)
            for rule in self._rules:
                if rule[0] in request and rule[2] != 0:
                    rule[2] = None if rule[2] is None else rule[2] - 1
                    return rule[1]
        return None

    def count(self, text):
        return sum(text in request for request in self.log)


def handler_for(faults, port):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            """Say nothing."""

        def answer(self, status, body, headers=()):
            content = (
                body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
            )
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            region = self.headers.get("Authorization", "").partition("/aws4_request")[0].split("/")[-2:]
            target = self.headers.get("X-Amz-Target", "")
            fault = faults.of(
                f"{'/'.join(region)} {self.command} {self.path} {target} {body.decode('utf-8', 'replace')}"
            )
            if fault is not None:
                fault(self)
                return
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request(self.command, self.path, body=body, headers=dict(self.headers))
            reply = connection.getresponse()
            content = reply.read()
            skipped = {"content-length", "connection", "transfer-encoding", "date", "server"}
            headers = [(name, value) for name, value in reply.getheaders() if name.lower() not in skipped]
            self.answer(reply.status, content, headers)
            connection.close()

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = pass_on  # noqa: N815 -- http.server's names

    return Handler


@contextmanager
def served():
    """Run a moto server and the proxy; yield the proxy's address and the faults."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    faults = Faults()
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(faults, moto.get_host_and_port()[1]))
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}", faults
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
        moto.stop()
        moto_api_backend.reset()
