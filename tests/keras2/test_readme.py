"""The code of the package's README runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_readme_code_runs_in_order(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "app" / "keras2" / "README.md").read_text("utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL))
    exec(code.replace("/tmp/", f"{tmp_path}/"), {})
