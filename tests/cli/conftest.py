"""The command line as people use it, in a terminal of 80 columns."""

import pytest

from app.cli import main


@pytest.fixture
def program(capsys, monkeypatch):
    """Call `python -m app …`: the exit status, standard output and standard error."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments):
        capsys.readouterr()
        try:
            status = main([*map(str, arguments)])
        except SystemExit as error:
            status = error.code
        return status, *capsys.readouterr()

    return call
