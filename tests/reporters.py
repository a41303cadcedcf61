"""A reporter that keeps what it is given."""

from app.reporting import SilentReporter


class RecordingReporter(SilentReporter):
    """Keep messages in `lines` and warnings in `warnings`."""

    def __init__(self):
        self.lines, self.warnings = [], []

    def info(self, *lines: str) -> None:
        self.lines += lines

    def warning(self, *lines: str) -> None:
        self.warnings += lines
