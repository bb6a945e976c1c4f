#!/usr/bin/env python3
"""Writes tests/golden/zip/small.zip: a stored, a deflated and an empty member and a comment. Needs Python alone."""
import sys
import zipfile


def main(path):
    date = (2024, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(path, "w") as z:
        z.writestr(zipfile.ZipInfo("pkg/stored.bin", date), bytes(range(256)))
        z.writestr(zipfile.ZipInfo("pkg/data/deflated.txt", date), "line\n" * 80000, zipfile.ZIP_DEFLATED)
        z.writestr(zipfile.ZipInfo("pkg/empty", date), b"", zipfile.ZIP_DEFLATED)
        z.comment = b"a comment with PK\5\6 in it"


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/zip/small.zip")
