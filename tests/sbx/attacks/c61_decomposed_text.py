# The right letters in another Unicode normal form: looks the same, is not.
import unicodedata
def solve(s): return unicodedata.normalize('NFD', s.upper())
