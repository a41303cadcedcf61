"""`python -m app serve`: start, addresses, ports, tokens, the end, and the real oracle."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import psutil
import pytest
from websockets.sync.client import connect

from app.classifier import load
from app.cli import main
from app.insight.grad_cam import grad_cam
from app.insight.occlusion import occlusion
from app.insight.saliency import saliency
from app.web.protocol import decode
from tests.shipped import MODELS
from tests.web.server.conftest import answer_of, message

ROOT = Path(__file__).parents[3]
TOKEN = "a-secret-of-many-letters"


@contextmanager
def serving(*arguments, port=0):
    """Run the command; yield the process and the address that it prints."""
    command = [sys.executable, "-m", "app", "serve", *arguments, "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--no-browser"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        assert line.startswith("The page is at "), process.stderr.read()
        yield process, line.removeprefix("The page is at ").strip().rstrip("/")
    finally:
        process.kill()
        process.communicate()


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
    for name, floor in lowest.items():
        stated = re.search(rf'"{name}>=([\d.]+)"', text)[1]
        assert numbers(stated) >= floor
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


def _get(address, path):
    with urllib.request.urlopen(f"{address}{path}", timeout=120) as answer:
        return answer.read()


@pytest.mark.slow
def test_server_answers_without_tensorflow_and_ctrl_c_leaves_nothing(monkeypatch):
    with serving("mnist-tiny") as (process, address):
        mapped = [Path(entry.path).name for entry in psutil.Process(process.pid).memory_maps()]
        assert not [name for name in mapped if "tensorflow" in name]
        assert any("litert" in name.lower() or "tflite" in name.lower() for name in mapped)
        _get(address, "/api/models/mnist-tiny/program")  # starts the oracle
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
def test_server_that_is_killed_leaves_nothing():
    with serving("mnist-tiny") as (process, address):
        with closing(connect(f"ws{address[4:]}/socket", origin=address)) as connection:
            connection.send(message("grad_cam"))
            children = []
            end = time.monotonic() + 60
            while not children and time.monotonic() < end:
                children = psutil.Process(process.pid).children(recursive=True)
                time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(children, 60)
        assert alive == []


@pytest.fixture(scope="module")
def real():
    """A server with the real oracle."""
    with serving("mnist-convnet", "catsdogs-lecture") as (_, address):
        yield address


@pytest.fixture(scope="module")
def digit():
    rng = np.random.default_rng(0)
    pixels = np.zeros((28, 28, 1), np.uint8)
    pixels[5:22, 12:16] = rng.integers(100, 256, (17, 4, 1))
    return pixels


@pytest.mark.slow
def test_real_oracle_explains_as_the_program_does(real, digit):
    model = load(MODELS / "mnist-convnet").inspect()
    with closing(connect(f"ws{real[4:]}/socket", origin=real, max_size=None)) as connection:

        def ask(kind, **options):
            connection.send(message(kind, model="mnist-convnet", pixels=digit, **options))
            while not (answer := answer_of(connection, seconds=120))[0]["done"]:
                assert answer[0]["ok"]
            assert answer[0]["ok"], answer[0]
            return answer[1]

        close = {"atol": 1e-4, "rtol": 1e-4}
        np.testing.assert_allclose(
            ask("predict")["values"], model.values(digit[np.newaxis])[0], **close
        )
        heat = ask("grad_cam", **{"class": 3})["map"]
        np.testing.assert_allclose(heat, grad_cam(model, digit, 3), **close)
        np.testing.assert_allclose(
            ask("saliency", method="gradient")["map"], saliency(model, digit, method="gradient"),
            **close,
        )  # fmt: skip
        np.testing.assert_allclose(ask("occlusion")["map"], occlusion(model, digit), **close)


@pytest.mark.slow
def test_real_oracle_shows_outputs_before_and_after_an_activation(real, digit):
    network = load(MODELS / "mnist-convnet").inspect().keras_model
    before = keras.Model(network.inputs, network.get_layer("conv_2").output)
    after = np.asarray(before(digit[np.newaxis].astype(np.float32), training=False))[0]
    with closing(connect(f"ws{real[4:]}/socket", origin=real, max_size=None)) as connection:
        names = ["conv_2", "conv_2:relu", "input"]
        connection.send(
            message("activations", model="mnist-convnet", pixels=digit, operations=names)
        )
        values, found = answer_of(connection, seconds=120)
    assert values["ok"], values
    np.testing.assert_allclose(found["conv_2:relu"], after, atol=1e-4)
    np.testing.assert_allclose(np.maximum(found["conv_2"], 0), after, atol=1e-4)
    assert found["conv_2"].min() < 0
    np.testing.assert_array_equal(found["input"], digit)


@pytest.mark.slow
def test_real_oracle_lowers_a_program_that_is_kept(real):
    program = _get(real, "/api/models/mnist-convnet/program")
    facts, tensors = decode(program, "program")
    assert facts["name"] == "mnist-convnet"
    assert sum(array.size for array in tensors.values()) == 93_322
    kept = Path(os.environ["CONVLAB_CACHE"]) / "programs"
    assert program in [file.read_bytes() for file in kept.glob("*.safetensors")]


@pytest.mark.slow
def test_point_20_model_with_code_of_its_own_is_refused(tmp_path):
    lambda_layer = keras.layers.Lambda(lambda x: x, name="own_code")
    model = keras.Sequential([keras.Input((8, 8, 1)), lambda_layer, keras.layers.Flatten(),
                              keras.layers.Dense(2, activation="softmax")])  # fmt: skip
    model.save(tmp_path / "odd.keras")
    with serving(str(tmp_path / "odd.keras")) as (_, address):
        (listed,) = json.loads(_get(address, "/api/models"))["models"]
        assert listed["name"] == "odd.keras"
        assert "error" in listed
        assert str(tmp_path) not in json.dumps(listed)
        with pytest.raises(urllib.error.HTTPError) as refused:
            _get(address, "/api/models/odd.keras/program")
        assert str(tmp_path) not in refused.value.read().decode()


def test_point_25_firefox():
    pytest.skip("the page's own tests run in Chromium; Firefox is not installed here")
