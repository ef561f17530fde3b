"""The files of the tree, as the checks read them."""
import re
import subprocess
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"build", "node_modules", ".git", "__pycache__", ".pytest_cache"}


@lru_cache
def all_files():
    """What git has or would take; without git (a source archive) all but what builds make."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False)
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*")
                 if not LEFT_OUT & set(path.relative_to(ROOT).parts)]
    return sorted({path for path in paths if path.is_file()})


def sources(*suffixes, below=("src", "tests")):
    return [path for path in all_files()
            if path.suffix in suffixes and path.relative_to(ROOT).parts[0] in below and "seeds" not in path.parts]


def short(path):
    return str(path.relative_to(ROOT))


def text_of(path):
    """The text of a file, or None where it is not text."""
    data = path.read_bytes()
    if b"\0" in data[:8192]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


C_NOISE = re.compile(
    r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)


def c_code(path):
    """C without comments, strings and character constants; lines stay where they are."""
    return C_NOISE.sub(lambda found: "\n" * found.group().count("\n"), path.read_text("utf-8"))
