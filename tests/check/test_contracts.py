"""What one file promises of another: settings, routes, problem codes, commands, tests that are run at all."""
import json
import os
import re
import subprocess

import pytest

from tree import ROOT, all_files, short

BINARY = ROOT / os.environ.get("LECTERN_BUILD", "build/asan") / "lectern"
ROUTE = re.compile(r'\{\s*HTTP_(\w+),\s*(API\s+)?"([^"]+)",\s*NEEDS_\w+,\s*BODY_\w+')


@pytest.fixture(scope="module")
def binary():
    if not BINARY.exists():
        pytest.skip(f"{short(BINARY)} is not built")
    return BINARY


def said(binary, *words):
    # LECTERN_ is also how settings are given.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LECTERN_")}
    ran = subprocess.run([binary, *words], capture_output=True, text=True, check=False, env=environment)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_example_settings_are_those_of_the_program(binary):
    assert (ROOT / "config/lectern.conf.example").read_text("utf-8") == said(binary, "settings")


def api_routes():
    text = (ROOT / "src/api/routes.c").read_text("utf-8")
    text = text[:text.index("plain_routes[]")]
    return {(method.lower(), path) for method, api, path in ROUTE.findall(text) if api}


@pytest.fixture(scope="module")
def description():
    return json.loads((ROOT / "src/api/openapi.json").read_text("utf-8"))


def described(description):
    base = description.get("servers", [{}])[0].get("url", "").rstrip("/").removeprefix("/api/v1")
    methods = {"get", "put", "post", "delete", "patch", "options", "head"}
    return {(method, (base + path).removeprefix("/api/v1"))
            for path, operations in description["paths"].items() for method in operations if method in methods}


def test_every_route_is_described_and_nothing_else(description):
    routes = {(method, path) for method, path in api_routes()}
    told = {(method, path) for method, path in described(description) if method != "head"}
    told = {item for item in told if not item[1].startswith(("/media/", "/healthz", "/readyz"))}
    assert routes - told == set(), "in src/api/routes.c, not in src/api/openapi.json"
    assert told - routes == set(), "in src/api/openapi.json, not in src/api/routes.c"


def test_every_reference_of_the_description_leads_somewhere(description):
    def walk(value):
        if isinstance(value, dict):
            if "$ref" in value:
                target = description
                for part in value["$ref"].removeprefix("#/").split("/"):
                    target = target[part.replace("~1", "/").replace("~0", "~")]
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)
    walk(description)


def test_every_operation_says_what_it_is_and_what_it_answers(description):
    seen = set()
    for path, operations in description["paths"].items():
        names = set(re.findall(r"\{([^}]+)\}", path))
        shared = operations.get("parameters", [])
        for method, operation in operations.items():
            if method not in ("get", "put", "post", "delete", "patch", "options", "head"):
                continue
            where = f"{method} {path}"
            assert operation.get("summary"), where
            assert operation.get("responses"), where
            if "operationId" in operation:
                assert operation["operationId"] not in seen, where
                seen.add(operation["operationId"])
            parameters = [resolve(description, item) for item in shared + operation.get("parameters", [])]
            assert {item["name"] for item in parameters if item["in"] == "path"} == names, where


def resolve(description, item):
    while "$ref" in item:
        target = description
        for part in item["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        item = target
    return item


def problem_codes():
    text = (ROOT / "src/base/problem.c").read_text("utf-8")
    return set(re.findall(r'\[PROBLEM_\w+\] = \{\s*\d+,\s*"([a-z0-9-]+)"', text)) - {"none"}


def test_every_problem_has_its_sentence_in_every_language_of_the_pages():
    # What only commands and the log say needs none.
    inner = {"setting", "schema-newer"}
    locales = [path for path in all_files() if "locales" in path.parts and path.suffix in (".json", ".ts")]
    assert len(locales) >= 2
    for path in locales:
        if not re.fullmatch(r"[a-z]{2}(-\w+)?(\.\w+)*\.(json|ts)", path.name) and path.parent.name not in ("en", "ja"):
            continue
        text = path.read_text("utf-8")
        if "sign-in-needed" in text:
            assert {code for code in problem_codes() if code not in text} <= inner, short(path)


def test_every_command_is_in_the_manual(binary):
    listed = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +[A-Z]", said(binary, "--help"), re.MULTILINE)
    manual = (ROOT / "docs/commands.md").read_text("utf-8")
    assert len(listed) > 30
    missing = [name for name in listed if not re.search(rf"`(lectern )?{name}\b", manual)]
    assert not missing, missing


def test_every_unit_test_is_built():
    wrong = []
    for path in all_files():
        parts = path.relative_to(ROOT).parts
        if parts[:2] == ("tests", "unit") and path.suffix == ".c":
            lists = (path.parent / "CMakeLists.txt").read_text("utf-8")
            if not re.search(rf"(?<![\w]){re.escape(path.name)}\b", lists) and "int main(" in path.read_text("utf-8"):
                wrong.append(short(path))
    assert not wrong, wrong


def test_every_fuzz_target_is_built_and_has_seeds():
    listed = set(re.findall(r"^fuzz_target\((\w+)", (ROOT / "tests/fuzz/CMakeLists.txt").read_text("utf-8"), re.MULTILINE))
    written = {path.stem for path in (ROOT / "tests/fuzz").glob("*.c")
               if "LLVMFuzzerTestOneInput" in path.read_text("utf-8")}
    assert written - listed == set(), "not built"
    assert listed - written == set(), "listed, and not there"
    without = {name for name in written if not any((ROOT / "tests/fuzz/seeds" / name).glob("*"))}
    assert without == set(), "without seeds"


def test_links_between_documents_lead_somewhere():
    wrong = []
    for path in all_files():
        if path.suffix != ".md":
            continue
        text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text):
            if not (path.parent / target).exists():
                wrong.append(f"{short(path)}: {target}")
    assert not wrong, "\n".join(wrong)
