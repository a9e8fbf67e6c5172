#!/usr/bin/env bash
# sqlcipher3 0.6.4 (SQLCipher on SQLite 3.53.4; CPython 3.11): `sqlite_errorcode` and `sqlite_errorname` of its
# errors hold SQLite's primary result code, where the standard library's `sqlite3`, whose interface it follows and whose
# attributes these are, has the extended one.
#
# Both are there, so that code which tells a violated UNIQUE from a NOT NULL, or a disk without room (SQLITE_IOERR_WRITE)
# from one that fails to read (SQLITE_IOERR_READ), runs on without an error and takes the other branch.
#
# Seen:  sqlite3 UNIQUE: 2067 SQLITE_CONSTRAINT_UNIQUE
#        sqlite3 NOT NULL: 1299 SQLITE_CONSTRAINT_NOTNULL
#        sqlcipher3 UNIQUE: 19 SQLITE_CONSTRAINT
#        sqlcipher3 NOT NULL: 19 SQLITE_CONSTRAINT
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sqlcipher3==0.6.4
cat > "$folder/try.py" <<'PYTHON'
import sqlite3

import sqlcipher3.dbapi2

for name, module in (("sqlite3", sqlite3), ("sqlcipher3", sqlcipher3.dbapi2)):
    connection = module.connect(":memory:")
    connection.execute("CREATE TABLE things (number INTEGER UNIQUE, word TEXT NOT NULL)")
    connection.execute("INSERT INTO things VALUES (1, 'one')")
    for kind, values in (("UNIQUE", (1, "two")), ("NOT NULL", (2, None))):
        try:
            connection.execute("INSERT INTO things VALUES (?, ?)", values)
        except module.IntegrityError as error:
            print(f"{name} {kind}: {error.sqlite_errorcode} {error.sqlite_errorname}")
PYTHON
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff - "$folder/seen" <<'SEEN'
sqlite3 UNIQUE: 2067 SQLITE_CONSTRAINT_UNIQUE
sqlite3 NOT NULL: 1299 SQLITE_CONSTRAINT_NOTNULL
sqlcipher3 UNIQUE: 19 SQLITE_CONSTRAINT
sqlcipher3 NOT NULL: 19 SQLITE_CONSTRAINT
SEEN
