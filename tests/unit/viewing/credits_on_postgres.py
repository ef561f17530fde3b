#!/usr/bin/env python3
"""Random histories, credited by the real code, checked by PostgreSQL's unions of ranges.

    credits_on_postgres.py BINARY

BINARY tells histories (histories.c); credits_on_postgres.sql says the rule again and finds what does not obey it.
HISTORIES in the environment is how many, SEED the first seed.  Exits 0 when all obey, 77 when there is no server.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "store"))
from postgres_takes import SKIPPED, Server, find_server  # noqa: E402

AT_ONCE = 5000
TABLE = """
CREATE UNLOGGED TABLE event (
    history bigint, n bigint, at_ms bigint, is_beat boolean, lecture bigint, session bigint, seq bigint, from_ms bigint,
    to_ms bigint, lecture_ms bigint, cap_percent bigint, gap_allowed_ms bigint, added int8multirange,
    added_by_gap int8multirange, budget_left_ms bigint, flags integer);
"""
CHECK = """
TRUNCATE event;
\\copy event FROM '{path}'
ANALYZE event;
DO $$
DECLARE one record; beats bigint; credited numeric;
BEGIN
    SELECT * INTO one FROM wrong ORDER BY history, n LIMIT 1;
    IF FOUND THEN RAISE EXCEPTION 'disobeys: %', one; END IF;
    SELECT * INTO one FROM wrong_in_all LIMIT 1;
    IF FOUND THEN RAISE EXCEPTION 'disobeys in all: history %', one.history; END IF;
    SELECT count(*), sum(length_of(added)) INTO beats, credited FROM event WHERE is_beat;
    IF beats < {histories} * 3 OR credited < beats * 100 THEN RAISE EXCEPTION 'the histories say little'; END IF;
END $$;
"""


def check(server, binary, seed, count, path):
    with open(path, "wb") as rows:
        subprocess.run([binary, str(seed), str(count)], check=True, stdout=rows)
    os.chmod(path, 0o644)
    return server.psql(CHECK.format(path=path, histories=count)).returncode == 0


def main(binary):
    programs = find_server()
    if not programs:
        print("skipped: there is no PostgreSQL server here")
        return SKIPPED
    left, seed = int(os.environ.get("HISTORIES", "2000")), int(os.environ.get("SEED", "20261122"))
    folder = tempfile.mkdtemp(prefix="lectern-postgres-")
    try:
        with Server(programs, folder) as server:
            made = server.psql(TABLE + (FOLDER / "credits_on_postgres.sql").read_text("utf-8"))
            if made.returncode != 0:
                return 1
            while left > 0:
                count = min(left, AT_ONCE)
                if not check(server, binary, seed, count, os.path.join(folder, "events")):
                    print(f"seed {seed}, {count} histories: not as the rule says")
                    return 1
                print(f"seed {seed}: {count} histories obey", flush=True)
                left, seed = left - count, seed + 1
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
