import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCRIPT = """
import os, sys
from app.keras_startup import hidden_native_messages
with hidden_native_messages():
    os.write(2, b"native")
    print("python", file=sys.stderr)
print("after", file=sys.stderr, flush=True)
os.write(2, b"later")
"""


def test_hidden_native_messages_shows_what_python_writes():
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert ran.stderr == "python\nafter\nlater"


def test_hidden_native_messages_shows_everything_after_a_failure():
    script = SCRIPT.replace('print("python"', 'raise KeyError; print("python"')
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 1
    assert ran.stderr.startswith("native")
    assert "KeyError" in ran.stderr


def test_hidden_native_messages_shows_nothing_after_an_error_in_words():
    script = SCRIPT.replace('print("python"', 'raise AppError("Received."); print("python"')
    script = script.replace("import os", "from app.errors import AppError\nimport os")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 1
    assert "native" not in ran.stderr
    assert "Received." in ran.stderr
