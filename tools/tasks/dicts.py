from . import Topic

task = Topic("dicts", split="train")


@task("easy", {"a": 1, "b": 2}, {}, {"x": -5}, {"p": 0, "q": 0}, {"a": 10, "b": -10, "c": 3}, {"k": 100, "l": 200})
def total_of_values(table: dict[str, int]) -> int:
    """Return the sum of all values of the dictionary."""
    return sum(table.values())


@task("easy", ["a", "b", "a"], [], ["x"], ["q", "q", "q"], ["A", "a"], ["", "", "z"], ["one", "two", "one", "two"])
def tally(words: list[str]) -> dict[str, int]:
    """Return a dictionary that says for each word of the list how many times it occurs there."""
    out = {}
    for w in words:
        out[w] = out.get(w, 0) + 1
    return out


@task("easy", {"a": "x", "b": "y"}, {}, {"k": "k"}, {"one": "1", "two": "2", "three": "3"}, {"": "empty"},
      {"p": "q", "q": "p"})
def swap_keys_values(table: dict[str, str]) -> dict[str, str]:
    """Return a dictionary in which the values of `table` are the keys and the keys are the values. All values of
    `table` are different strings."""
    return {v: k for k, v in table.items()}


@task("easy", ({"ann": 7, "bob": 3}, 5), ({}, 1), ({"x": 5}, 5), ({"a": -1, "b": 0, "c": 1}, 0),
      ({"m": 2, "n": 2}, 3), ({"z": 10, "a": 10}, 1))
def names_at_least(scores: dict[str, int], limit: int) -> list[str]:
    """Return the names whose score is at least `limit`, in alphabetical order."""
    return sorted(name for name, score in scores.items() if score >= limit)


@task("medium", ({"a": 1, "b": 2}, {"b": 3, "c": 4}), ({}, {}), ({"x": 1}, {}), ({}, {"y": -2}),
      ({"k": 5}, {"k": -5}), ({"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1, "c": 1}))
def add_tables(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    """Return a dictionary with every key that is in at least one of the two. Its value is the sum of the values
    of that key; a dictionary without the key counts as 0 there. Keys whose sum is 0 stay in the result."""
    out = dict(first)
    for k, v in second.items():
        out[k] = out.get(k, 0) + v
    return out


@task("medium", ["apple", "avocado", "banana"], [], ["x"], ["bat", "ant", "bee", "ape"], ["Cat", "cat"],
      ["one", "two", "three", "ten"])
def group_by_initial(words: list[str]) -> dict[str, list[str]]:
    """Return a dictionary from first letter to the list of the words that start with that letter, in their
    original order. No word is empty; upper and lower case are different letters."""
    out = {}
    for w in words:
        out.setdefault(w[0], []).append(w)
    return out


@task("medium", {"a": 3, "b": 7, "c": 7}, {"x": 1}, {}, {"m": -2, "n": -1}, {"z": 5, "y": 5, "x": 5},
      {"b": 0, "a": -4}, {"zeta": 4, "beta": 4})
def best_key(table: dict[str, int]) -> str:
    """Return the key with the largest value. If several keys share the largest value, return the one that comes
    first in alphabetical order. The empty dictionary gives the empty string."""
    if not table:
        return ""
    top = max(table.values())
    return min(k for k, v in table.items() if v == top)


@task("medium", ({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}), ({}, {}), ({"x": 1}, {"x": 1}), ({"x": 1}, {}),
      ({}, {"n": 0}), ({"q": 1, "p": 1}, {"q": 2, "p": 2}),
      ({key: 1 for key in "hgfedcba"}, {}))  # so many that no order of a set is right by chance
def changed_keys(old: dict[str, int], new: dict[str, int]) -> list[str]:
    """Return, in alphabetical order, all keys that were added, removed, or whose value differs between the two
    dictionaries."""
    keys = set(old) | set(new)
    return sorted(k for k in keys if k not in old or k not in new or old[k] != new[k])


@task("medium", {"a": ["x", "y"], "b": ["x"]}, {}, {"p": []}, {"r": ["s"], "q": ["s"]}, {"b": ["z"], "a": ["z", "y"]},
      {"k": ["k"]})
def invert_lists(table: dict[str, list[str]]) -> dict[str, list[str]]:
    """`table` maps each person to a list of different hobbies. Return a dictionary that maps each hobby to the
    list of persons who have it, in alphabetical order."""
    out = {}
    for person in sorted(table):
        for hobby in table[person]:
            out.setdefault(hobby, []).append(person)
    return out


@task("medium", (["apple", "bread"], {"apple": 30, "bread": 200}), ([], {"x": 1}), (["tea", "tea"], {"tea": 5}),
      (["gold"], {"tin": 2}), (["a", "b", "c"], {"a": 1, "c": 3}), (["z"], {}), (["m", "z", "m"], {"m": 4}))
def basket_price(basket: list[str], prices: dict[str, int]) -> int:
    """Return the sum of the prices of all articles in the basket; an article may be there several times. If the
    basket holds an article without a price, return -1."""
    total = 0
    for article in basket:
        if article not in prices:
            return -1
        total += prices[article]
    return total


@task("hard", ({"a": {"b": {"c": 5}}}, "a.b.c"), ({"a": {"b": 1}}, "a.x"), ({"k": 3}, "k"), ({}, "q"),
      ({"a": 1}, "a.b"), ({"a": {"b": {"c": 5, "d": -2}}}, "a.b.d"), ({"x": {"y": 0}}, "x.y"), ({"x": {"y": 0}}, "x"))
def lookup_path(tree: dict, path: str) -> int:
    """`tree` is a dictionary whose values are integers or dictionaries of the same kind. `path` names keys,
    separated by dots, to follow from the top. Return the integer found at the end of the path, or -1 if a key is
    missing, if an integer is reached before the end, or if the path ends at a dictionary."""
    node = tree
    for key in path.split("."):
        if not isinstance(node, dict) or key not in node:
            return -1
        node = node[key]
    return -1 if isinstance(node, dict) else node


@task("hard", {"a": 1, "b": {"c": 2, "d": {"e": 3}}}, {}, {"x": {}}, {"p": {"q": {"r": 7}}}, {"k": 1, "l": 2},
      {"a": {"b": 1}, "c": {"b": 2}})
def flatten_table(tree: dict) -> dict[str, int]:
    """`tree` is a dictionary whose values are integers or dictionaries of the same kind. Return a flat dictionary
    with one entry for each integer; its key is made of all keys on the way to it, joined with a slash."""
    out = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            for inner, number in flatten_table(value).items():
                out[key + "/" + inner] = number
        else:
            out[key] = value
    return out


@task("hard", [["ann", "bob"], ["bob", "cy"]], [], [["x", "x"]], [["a", "b"], ["b", "a"]],
      [["a", "b"], ["a", "c"], ["a", "d"]], [["b", "a"], ["c", "a"], ["a", "c"]])
def net_gifts(gifts: list[list[str]]) -> dict[str, int]:
    """Each pair `[giver, receiver]` is one gift. Return for every person who is named at all the number of gifts
    received minus the number of gifts given."""
    out = {}
    for giver, receiver in gifts:
        out[giver] = out.get(giver, 0) - 1
        out[receiver] = out.get(receiver, 0) + 1
    return out


@task("easy", {"b": 1, "a": 2}, {}, {"x": 0}, {"c": 3, "b": 2, "a": 1}, {"z": 5, "y": 5}, {"B": 1, "a": 1})
def sorted_keys(table: dict[str, int]) -> list[str]:
    """Return the keys of the dictionary as a list in alphabetical order (capital letters come before small ones,
    as usual in Python)."""
    return sorted(table)


@task("easy", ({"a": 1}, "a"), ({"a": 1}, "b"), ({}, "x"), ({"k": -3}, "k"), ({"p": 0, "q": 4}, "p"),
      ({"p": 0, "q": 4}, "Q"))
def value_or_zero(table: dict[str, int], key: str) -> int:
    """Return the value of `key` in the dictionary, or 0 if the key is not there."""
    return table.get(key, 0)


@task("easy", (["a", "b"], [1, 2]), ([], []), (["x"], [0]), (["one", "two", "three"], [1, 2, 3]),
      (["k", "k"], [1, 2]), (["p", "q"], [5, 5]))
def make_table(names: list[str], numbers: list[int]) -> dict[str, int]:
    """Both lists have the same length. Return the dictionary from each name to the number at the same place. If a
    name occurs more than once, the last number counts."""
    return dict(zip(names, numbers))


@task("easy", {"a": 1, "b": 5, "c": 9}, {}, {"x": 5}, {"x": 6}, {"m": -1, "n": 100}, {"p": 5, "q": 7, "r": 4})
def values_above_five(table: dict[str, int]) -> int:
    """Return how many values of the dictionary are larger than 5."""
    return sum(1 for v in table.values() if v > 5)
