"""What every file of the tree keeps to."""
import re
import shutil
import subprocess

import pytest

from tree import ROOT, all_files, c_code, short, sources, text_of

BANNED = ("strcpy", "strcat", "sprintf", "vsprintf", "strtok", "atoi", "atol", "gets", "gmtime",
          "localtime", "ctime", "asctime", "rand", "system", "popen", "tmpnam", "mktemp")
LINES_MAX = 600
# Put together here, so that this file does not hold what it forbids.
FOREIGN = [re.compile(pattern) for pattern in (
    r"(?<![\w.])/(?:" + "|".join(("work", "root", "home")) + r")/[\w.]",
    r"registry\." + r"npmjs|npm" + r"mirror|registry\." + r"yarnpkg",
    r"(?:test\.)?pypi\." + r"org",
)]


def test_no_unsafe_function_is_called():
    call = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    wrong = []
    for path in sources(".c", ".h"):
        code = c_code(path)
        wrong += [f"{short(path)}:{code[:found.start()].count(chr(10)) + 1}: {found.group(1)}"
                  for found in call.finditer(code)]
    assert not wrong, "\n".join(wrong)


def test_files_are_short_enough_to_be_read():
    wrong = []
    for path in sources(".c", ".h", ".ts", ".tsx", ".mjs", ".css", ".py"):
        lines = path.read_text("utf-8").count("\n")
        if lines > LINES_MAX:
            wrong.append(f"{short(path)}: {lines} lines")
    assert not wrong, "\n".join(wrong)


def test_text_has_no_stray_white_space():
    wrong = []
    for path in all_files():
        text = text_of(path)
        # Fuzz seeds and bad captions are what they are.
        if text is None or "seeds" in path.parts or not text or path.name == "LICENSE":
            continue
        if re.search(r"[ \t]+$", text, re.MULTILINE):
            line = text[:re.search(r"[ \t]+$", text, re.MULTILINE).start()].count("\n") + 1
            wrong.append(f"{short(path)}:{line}: space at the end of a line")
        if "\r" in text:
            wrong.append(f"{short(path)}: carriage returns")
        if not text.endswith("\n") or text.endswith("\n\n"):
            wrong.append(f"{short(path)}: must end with one line break")
        if path.suffix in (".c", ".h", ".py", ".ts", ".tsx", ".mjs", ".css") and "\t" in text:
            wrong.append(f"{short(path)}: tabs")
    assert not wrong, "\n".join(wrong)


def test_nothing_names_somebody_s_machine_or_a_registry():
    wrong = []
    for path in all_files():
        text = text_of(path) or ""
        for pattern in FOREIGN:
            found = pattern.search(text)
            if found:
                line = text[:found.start()].count("\n") + 1
                wrong.append(f"{short(path)}:{line}: {found.group()}")
    lock = ROOT / "package-lock.json"
    if lock.is_file() and '"resolved"' in lock.read_text("utf-8"):
        wrong.append("package-lock.json holds addresses of a registry; see .npmrc")
    assert not wrong, "\n".join(wrong)


def test_c_is_formatted():
    formatter = shutil.which("clang-format-14") or shutil.which("clang-format")
    if not formatter:
        pytest.skip("clang-format is not installed")
    files = sources(".c", ".h")
    checked = subprocess.run([formatter, "--dry-run", "--Werror", *files], cwd=ROOT,
                             capture_output=True, text=True, check=False)
    named = sorted({line.split(":")[0] for line in checked.stderr.splitlines() if ": error:" in line})
    assert checked.returncode == 0, "clang-format -i " + " ".join(
        name.replace(f"{ROOT}/", "") for name in named)


def test_scripts_are_executable_and_parse():
    wrong = []
    for path in all_files():
        text = text_of(path) or ""
        if not text.startswith("#!"):
            continue
        if not path.stat().st_mode & 0o111:
            wrong.append(f"{short(path)} is not executable")
        if "bash" in text.splitlines()[0]:
            parsed = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
            if parsed.returncode != 0:
                wrong.append(parsed.stderr)
    assert not wrong, "\n".join(wrong)


def test_migrations_are_numbered_without_holes():
    names = sorted(path.name for path in (ROOT / "src/store/sql").glob("*.sql"))
    assert names and [int(name[:3]) for name in names] == list(range(1, len(names) + 1))
