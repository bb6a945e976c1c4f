# The built-in reasoning pairs: data/pairs.jsonl is what its sources make, and passes the checks of tools/make_pairs.py
# (fields, splits by problem, no validation task, neither length nor single words tell which text is better).
set -u
python=/usr/bin/python3
[ -x $python ] || { echo "skipped: no $python"; exit 77; }
PYTHONDONTWRITEBYTECODE=1 $python tools/make_pairs.py --check
