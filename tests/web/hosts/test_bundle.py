"""The concatenated modules compute what the modules compute, and other forms are refused."""

import functools
import http.server
import threading

import pytest

from app.web.bundle import STATIC, OutsideGrammar, bundle, in_order, parse_module

MODULES = {
    "main.js": """// @ts-check
import { area, Square } from "./shapes/square.js";
import { PI } from "./numbers.js";

/** A comment that starts lines with the words
export default nothing
*/
export const NOTE = `a text whose line is
import { nothing } from "./nowhere.js";
`;

const unit = new Square(1);

export function answers() {
  return [area(unit), area(new Square(3)), PI, NOTE.length, [...counting(2)]];
}

export function* counting(count) {
  for (let number = 0; number < count; number += 1) yield number;
}
""",
    "shapes/square.js": """import { times } from "../numbers.js";

export class Square {
  constructor(side) { this.side = side; }
}

export const area = (square) => times(square.side, square.side);
""",
    "numbers.js": """globalThis.evaluations = (globalThis.evaluations ?? 0) + 1;
export const PI = 3;
export function times(a, b) { return a * b; }
""",
    "worker.js": """import { times } from "./numbers.js";
addEventListener("message", (event) => postMessage(times(event.data, 2)));
""",
}
ANSWERS = [1, 9, 3, len("a text whose line is\nimport { nothing } from './nowhere.js';\n"), [0, 1]]

_PAGE = "<!doctype html><title>page</title><link rel=icon href=data:,>"


@pytest.fixture
def folder(tmp_path):
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def address(folder):
    """The address of a server of the modules as they are."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        pass


def run_bundle(watched, folder, entries=("main.js",), end="") -> None:
    """Run a bundle in a page that was opened from disk."""
    (folder / "page.html").write_text(_PAGE, "utf-8")
    watched.page.goto((folder / "page.html").as_uri())
    content = bundle(entries, f"{end}\nglobalThis.hasRun = true;", folder)
    watched.page.add_script_tag(content=content, type="module")
    watched.page.wait_for_function("globalThis.hasRun")  # modules run later


def test_dependencies_come_first_and_modules_that_nobody_imports_are_left_out(folder):
    names = [module.name for module in in_order(["main.js"], folder)]
    assert names == ["numbers.js", "shapes/square.js", "main.js"]


@pytest.mark.slow
def test_bundle_in_chromium_equals_the_modules_that_chromium_imports(watched, folder, address):
    run_bundle(watched, folder, end='globalThis.answers = convlab.load("main.js").answers();')
    assert watched.page.evaluate("answers") == ANSWERS
    assert watched.page.evaluate("evaluations") == 1

    watched.page.goto(f"{address}/page.html")
    imported = "import('./main.js').then((module) => module.answers())"
    assert watched.page.evaluate(imported) == ANSWERS
    assert watched.page.evaluate("evaluations") == 1
    assert watched.problems == []


@pytest.mark.slow
def test_worker_text_runs_a_module_of_the_bundle_in_a_worker(watched, folder):
    end = """
const blob = new Blob([convlab.workerText("worker.js")], { type: "text/javascript" });
const worker = new Worker(URL.createObjectURL(blob));
globalThis.doubled = new Promise((resolve) => {
  worker.onmessage = (event) => resolve(event.data);
});
worker.postMessage(21);
"""
    run_bundle(watched, folder, ["main.js", "worker.js"], end)
    assert watched.page.evaluate("doubled") == 42
    assert watched.page.evaluate("globalThis.evaluations") is None, "workers run in the worker only"
    assert watched.problems == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('import * as shapes from "./shapes.js";', "an import of another form"),
        ('import shapes from "./shapes.js";', "an import of another form"),
        ('import "./shapes.js";', "an import of another form"),
        ('import { a as b } from "./shapes.js";', "an import of another form"),
        ("import { a } from './shapes.js';", "an import of another form"),
        ('import { a } from "shapes";', "an import of another form"),
        ('import { a } from "https://example.org/shapes.js";', "an import of another form"),
        ('import {\n  a,\n} from "./shapes.js";', "an import of another form"),
        ('  import { a } from "./shapes.js";', "an import of another form"),
        ("export default function draw() {}", "an export of another form"),
        ("export let count = 0;", "an export of another form"),
        ("export { draw };", "an export of another form"),
        ("export const { a, b } = shapes;", "an export of another form"),
        ('export * from "./shapes.js";', "an export of another form"),
        ('const shapes = import("./shapes.js");', "import() of a module at run time"),
        ('new URL("./worker.js", import.meta.url);', "import.meta"),
        ('await fetch("data.json");', "await outside a function"),
        ('const answer = await fetch("data.json");', "await outside a function"),
        ("function* load() {}", "the loader's own name, load"),
    ],
)
def test_another_form_is_refused_with_its_line(line, reason):
    with pytest.raises(OutsideGrammar) as error:
        parse_module("draw/map.js", f"// @ts-check\n\n{line}\n")
    first = line.split("\n")[0].strip()
    assert str(error.value) == f"draw/map.js, line 3: {reason}: {first}"


@pytest.mark.parametrize(
    ("modules", "reason"),
    [
        ({"a.js": 'import { b } from "./b.js";'}, "There is no module b.js, which a.js imports."),
        ({"a.js": 'import { b } from "../b.js";'}, "no module ../b.js, which a.js imports."),
        (
            {"a.js": 'import { c } from "./b.js";', "b.js": "export const b = 1;"},
            "a.js imports c from b.js, which does not export it.",
        ),
        (
            {
                "a.js": 'import { b } from "./b.js";',
                "b.js": 'import { c } from "./c.js";\nexport const b = 1;',
                "c.js": 'import { b } from "./b.js";\nexport const c = 1;',
            },
            "A circle of imports: b.js imports c.js imports b.js.",
        ),
    ],
)
def test_imports_that_cannot_be_followed_are_refused(tmp_path, modules, reason):
    for name, text in modules.items():
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(OutsideGrammar) as error:
        bundle(["a.js"], "", tmp_path)
    assert reason in str(error.value)


def test_every_module_of_the_page_can_be_concatenated():
    names = [path.relative_to(STATIC).as_posix() for path in sorted(STATIC.rglob("*.js"))]
    assert len(in_order(names)) == len(names)
