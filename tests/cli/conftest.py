"""Commands, run in this process."""

import pytest

from app.cli import main


def _runner(capsys):
    def call(*arguments, entry_point=main):
        capsys.readouterr()
        try:
            status = entry_point([*map(str, arguments)])
        except SystemExit as error:
            status = error.code
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def run(capsys):
    """Run a command; return exit status, standard output and standard error."""
    return _runner(capsys)


@pytest.fixture
def program(capsys, monkeypatch):
    """Run a command as `run` does, in a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    return _runner(capsys)
