"""`python -m app serve`: start, addresses, ports, tokens, and the end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from importlib.metadata import version

import psutil
import pytest
from websockets.sync.client import connect

from app.cli import main
from tests.shipped import MODELS
from tests.web.server.conftest import ROOT, answer_of, fetch, message, serving

TOKEN = "a-secret-of-many-letters"


def failing(capsys, *arguments):
    """Run the command in this process, which must fail; return what it says."""
    assert main(["serve", "--no-browser", *map(str, arguments)]) == 2
    return capsys.readouterr().err


def test_point_22_other_machines_need_a_token(capsys):
    addresses = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    ]
    for host in ["0.0.0.0", "::", *addresses]:
        assert "no --token" in failing(capsys, "--host", host)


def test_point_22_short_or_odd_token_is_refused(capsys):
    for token in ("short", "with spaces in the middle", "semicolon;semicolon"):
        assert "--token cannot be used" in failing(capsys, "--token", token)


def test_point_22_token_is_needed_once_and_leaves_the_address(own_server):
    server = own_server(names=["mnist-tiny"], token=TOKEN)
    assert server.ask("/")[0] == 401
    assert server.ask("/api/models")[0] == 401
    for wrong in ("", TOKEN[:-1], TOKEN + "x", TOKEN.upper()):
        assert server.ask(f"/?token={wrong}")[0] == 401
    assert server.ask(f"/api/models?token={TOKEN}")[0] == 401  # only the page's own address
    status, headers, _ = server.ask(f"/?token={TOKEN}")
    assert (status, headers["location"]) == (303, "/")
    cookie, *attributes = headers["set-cookie"].split("; ")
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict"}
    assert TOKEN not in cookie
    assert server.ask("/", headers={"Cookie": f"other=1; {cookie}"})[0] == 200
    assert server.ask("/", headers={"Cookie": cookie[:-1]})[0] == 401
    with server.socket(additional_headers={"Cookie": cookie}) as connection:
        connection.send(message())
        assert answer_of(connection)[0]["ok"]
    with pytest.raises(Exception, match="403"):
        server.socket()


def test_point_22_token_is_compared_in_constant_time(own_server, monkeypatch):
    compared = []
    monkeypatch.setattr(
        "app.web.guard.hmac.compare_digest", lambda a, b: compared.append((a, b)) or a == b
    )
    server = own_server(names=["mnist-tiny"], token=TOKEN)
    assert server.ask("/?token=guess")[0] == 401
    assert server.ask("/", headers={"Cookie": f"convlab-{server.port}=guess"})[0] == 401
    assert (b"guess", TOKEN.encode()) in compared
    assert len(compared) == 2 + 1  # the second request compares the empty token, too


def test_point_23_busy_port_names_a_free_one_and_takes_none(capsys):
    with closing(socket.create_server(("127.0.0.1", 0))) as busy:
        port = busy.getsockname()[1]
        said = failing(capsys, MODELS / "mnist-tiny", "--port", port)
    assert f"The port {port} is in use" in said
    free = int(re.search(r"--port (\d+)", said)[1])
    with closing(socket.create_server(("127.0.0.1", free))):
        pass


def test_odd_addresses_and_ports_are_refused(capsys):
    assert "no address of this machine" in failing(capsys, "--host", "192.0.2.1", "--token", TOKEN)
    assert "no address of this machine" in failing(capsys, "--host", "no.such.host.invalid")
    for port in (-1, 65536):
        assert "Expected a whole number" in failing(capsys, "--port", port)


def test_unknown_model_is_refused_with_a_hint(capsys):
    assert "Did you mean 'mnist-tiny'" in failing(capsys, "mnist-tinny", "--port", "0")


def test_point_24_libraries_have_their_lowest_versions():
    text = (ROOT / "pyproject.toml").read_text("utf-8")

    def numbers(found):
        return tuple(int(part) for part in re.findall(r"\d+", found)[:3])

    lowest = {"starlette": (1, 5, 1), "uvicorn": (0, 54), "websockets": (17,), "pillow": (13,)}
    for name, minimum in lowest.items():
        stated = re.search(rf'"{name}>=([\d.]+)"', text)[1]
        assert numbers(stated) >= minimum
        assert numbers(version(name)) >= numbers(stated)


def test_help_imports_nothing_heavy():
    heavy = ("tensorflow", "keras", "numpy", "starlette", "uvicorn", "websockets", "safetensors")
    code = (
        "import sys; from app.cli import build_parser\n"
        "try: build_parser().parse_args(['serve', '--help'])\n"
        f"except SystemExit: sys.exit(str([m for m in {heavy!r} if m in sys.modules] or ''))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0 if not done.stderr else 1, "")


@pytest.mark.slow
def test_server_answers_without_tensorflow_and_ctrl_c_leaves_nothing(tmp_path):
    with serving("mnist-tiny", cache=tmp_path) as (process, address):
        fetch(address, "/api/models/mnist-tiny/program")  # starts the oracle
        mapped = [entry.path.lower() for entry in psutil.Process(process.pid).memory_maps()]
        assert not [path for path in mapped if "tensorflow" in path]
        assert any("litert" in path for path in mapped)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 130
        assert out.endswith("stopped.\n")
        assert err == ""
        _, alive = psutil.wait_procs(children, 10)
        assert alive == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_server_that_is_killed_leaves_nothing(tmp_path):
    with serving("mnist-tiny", cache=tmp_path) as (process, address):
        with connect(f"ws{address[4:]}/socket", origin=address) as connection:
            connection.send(message("grad_cam"))
            children = []
            end = time.monotonic() + 60
            while not children and time.monotonic() < end:
                children = psutil.Process(process.pid).children(recursive=True)
                time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(children, 60)
        assert alive == []
