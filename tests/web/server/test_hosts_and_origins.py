"""Only the page itself, opened by its user, is answered: addresses, origins, methods, headers."""

import errno
import socket
from contextlib import closing

import psutil
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.web.running import names_of


def _refused(server, *headers, path="/api/models"):
    """Return whether a request and a socket with these headers are both refused."""
    lines = [header.replace("PORT", str(server.port)) for header in headers]
    request = server.status(f"GET {path} HTTP/1.1", *lines)
    upgrade = (
        "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )  # fmt: skip
    answer = server.raw(
        "GET /socket HTTP/1.1", *lines, "Connection: Upgrade", f"Origin: {server.origin}", *upgrade
    )
    return request in (400, 403, 421) and b" 101 " not in answer.split(b"\r\n")[0]


def test_point_1_server_listens_on_loopback_only(server):
    others = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    ]
    bound = [
        connection.laddr
        for connection in psutil.Process().net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == server.port
    ]
    assert [address.ip for address in bound] == ["127.0.0.1"]
    for address in others:
        with closing(socket.socket()) as other:
            assert other.connect_ex((address, server.port)) == errno.ECONNREFUSED


@pytest.mark.parametrize("host", ["evil.example", "evil.example:PORT"])
def test_point_2_foreign_host_is_refused(server, host):
    assert _refused(server, f"Host: {host}")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.1:1", "localhost:80"])
def test_point_3_own_name_with_a_wrong_port_is_refused(server, host):
    assert _refused(server, f"Host: {host}")


@pytest.mark.parametrize(
    "host",
    [
        "", ":PORT", "127.0.0.1:PORT@evil", "localhost.:PORT", "a.localhost:PORT", "x.local:PORT",
        "0.0.0.0:PORT", "127.1:PORT", "2130706433:PORT", "[::1]evil", "[::1]:PORT",
        "localhost/x?y=:PORT", "127.0.0.1:PORT, evil", "127.0.0.1:PORTx", "xn--localhost:PORT",
    ],
)  # fmt: skip
def test_point_4_odd_hosts_are_refused(server, host):
    assert _refused(server, f"Host: {host}")


def test_point_4_absent_or_repeated_host_is_refused_and_capitals_are_accepted(server):
    assert _refused(server)
    assert _refused(server, "Host: 127.0.0.1:PORT", "Host: 127.0.0.1:PORT")
    assert _refused(server, "Host: 127.0.0.1:PORT", "Host: evil.example")
    assert server.status("GET /api/models HTTP/1.1", f"Host: LOCALHOST:{server.port}") == 200
    assert server.status("GET /api/models HTTP/1.1", f"Host: 127.0.0.1:{server.port}") == 200
    # HTTP/1.0 needs no Host; this server does.
    assert server.status("GET /api/models HTTP/1.0") == 421


def test_point_5_absolute_request_line_is_refused(server):
    host = f"Host: 127.0.0.1:{server.port}"
    for target in ("http://evil.example/api/models", f"http://{host[6:]}@evil/api/models"):
        assert server.status(f"GET {target} HTTP/1.1", host) == 400


def test_point_6_forwarding_headers_change_nothing(server):
    host = f"Host: 127.0.0.1:{server.port}"
    forged = [
        f"X-Forwarded-Host: 127.0.0.1:{server.port}", "X-Forwarded-For: 127.0.0.1",
        f"Forwarded: for=127.0.0.1;host=127.0.0.1:{server.port}", "X-Forwarded-Proto: https",
    ]  # fmt: skip
    assert _refused(server, "Host: evil.example", *forged)
    foreign = [line.replace(f"127.0.0.1:{server.port}", "evil.example") for line in forged]
    assert server.status("GET /api/models HTTP/1.1", host, *foreign) == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "null", "https://127.0.0.1:PORT", "http://127.0.0.1:1",
        "http://127.0.0.1", "http://127.0.0.1:PORT.evil.example", "http://evil127.0.0.1:PORT",
        "http://127.0.0.1:PORT/", "http://127.0.0.1:PORT@evil", "HTTP://127.0.0.1:PORT", "",
        "http://127.0.0.1:PORT http://evil.example", None,
    ],
)  # fmt: skip
def test_point_7_socket_of_another_origin_is_refused_before_it_opens(server, origin):
    origin = origin and origin.replace("PORT", str(server.port))
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{server.port}/socket", origin=origin)
    assert refused.value.response.status_code == 403
    assert b"error" in refused.value.response.body
    policy = refused.value.response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None, ""])
def test_point_7_post_of_another_origin_is_refused(server, origin):
    headers = ["Content-Type: application/octet-stream", "Content-Length: 0"]
    if origin is not None:
        headers.append(f"Origin: {origin}")
    host = f"Host: 127.0.0.1:{server.port}"
    assert server.status("POST /api/predict?model=mnist-tiny HTTP/1.1", host, *headers) == 403


def test_point_8_rebound_name_is_refused(server):
    evil = f"evil.example:{server.port}"
    assert _refused(server, f"Host: {evil}", f"Origin: http://{evil}")
    with pytest.raises(InvalidStatus):
        connect(
            f"ws://127.0.0.1:{server.port}/socket", origin=f"http://{evil}",
            additional_headers={"Host": evil},
        )  # fmt: skip


def test_point_10_no_answer_allows_other_origins(server):
    for method, path in (("OPTIONS", "/api/predict"), ("OPTIONS", "/"), ("GET", "/api/models")):
        headers = {"Access-Control-Request-Method": "POST", "Origin": server.origin}
        status, found, _ = server.ask(path, method, headers=headers)
        assert status == (405 if method == "OPTIONS" else 200)
        assert not [name for name in found if name.lower().startswith("access-control")]
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"):
        assert server.ask("/api/models", method, headers={"Origin": server.origin})[0] in (400, 405)


def test_point_10_requests_of_other_sites_are_refused(server):
    for site in ("cross-site", "same-site", "none, cross-site"):
        assert server.ask("/", headers={"Sec-Fetch-Site": site})[0] == 403
    for site in ("same-origin", "none"):
        assert server.ask("/", headers={"Sec-Fetch-Site": site})[0] == 200


def test_point_11_every_answer_has_the_security_headers(server):
    host = f"Host: 127.0.0.1:{server.port}"
    answers = [
        server.raw(*lines, "Connection: close").split(b"\r\n\r\n")[0].decode("latin-1").lower()
        for lines in (
            ("GET / HTTP/1.1", host),
            ("GET /nothing HTTP/1.1", host),
            ("GET /api/models HTTP/1.1", host),
            ("OPTIONS / HTTP/1.1", host),
            ("POST / HTTP/1.1", host, "Content-Length: 0"),
            ("GET / HTTP/1.1", "Host: evil.example"),
            ("GET / HTTP/1.1",),
            ("nonsense",),
        )
    ]
    for answer in answers:
        for name in (
            "content-security-policy: default-src 'none'; script-src 'self'",
            "x-content-type-options: nosniff", "referrer-policy: no-referrer",
            "cross-origin-opener-policy: same-origin", "cross-origin-resource-policy: same-origin",
        ):  # fmt: skip
            assert answer.count(name) == 1, answer
        assert "server: uvicorn" not in answer


def test_body_of_another_type_is_refused(server):
    for kind in ("text/plain", "multipart/form-data; boundary=x", "image/png"):
        path = "/api/predict?model=mnist-tiny"
        assert server.ask(path, "POST", b"x", {"Content-Type": kind})[0] == 415
    assert server.status(
        "POST /api/predict HTTP/1.1", f"Host: 127.0.0.1:{server.port}",
        f"Origin: {server.origin}", "Content-Length: 0",
    ) == 415  # fmt: skip


def test_names_of_a_socket_for_all_addresses_are_those_of_the_machine():
    with closing(socket.create_server(("0.0.0.0", 0))) as listening:
        names = names_of(listening, "0.0.0.0")
    assert "0.0.0.0" not in names
    assert {"127.0.0.1", "localhost"} <= set(names)
