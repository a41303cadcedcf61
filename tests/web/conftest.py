"""Patience of the tests with a browser, which may share its machine."""

from playwright.sync_api import expect

expect.set_options(timeout=60_000)  # milliseconds
