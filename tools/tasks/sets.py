from . import Topic

task = Topic("sets", split="validation")


@task("easy", ([1, 2, 2, 3], [2, 3, 4]), ([], [1]), ([1, 1], [1]), ([5, 6], [7]), ([3, 2, 1], [1, 2, 3]),
      ([-1, 0], [0, -1, 8]))
def shared_sorted(first: list[int], second: list[int]) -> list[int]:
    """Return the numbers that occur in both lists, each once, in increasing order."""
    return sorted(set(first) & set(second))


@task("easy", [1, 2, 2, 3, 3, 3], [], [7], [0, 0, 0], [-1, 1, -1], [5, 6, 7])
def distinct_count(items: list[int]) -> int:
    """Return how many different numbers the list holds."""
    return len(set(items))


@task("easy", ([1, 2], [1, 2, 3]), ([], []), ([4], [1, 2]), ([1, 1, 2], [2, 1]), ([2, 3, 9], [3, 2]), ([], [5]),
      ([3, 3], [3]))
def all_contained(small: list[int], large: list[int]) -> bool:
    """Return True if every number of `small` also occurs in `large`, else False. How often a number occurs does
    not matter."""
    return set(small) <= set(large)


@task("easy", ({1, 2}, {2, 3}), (set(), {1}), ({5}, {5}), ({1, 2, 3}, set()), ({-1, 0}, {0, 1}),
      ({1, 2, 3, 4}, {2, 4, 6}))
def in_exactly_one(first: set[int], second: set[int]) -> set[int]:
    """Return the set of the numbers that are in exactly one of the two sets."""
    return first ^ second


@task("medium", ["abc", "bcd", "cde"], ["x"], ["ab", "cd"], ["aa", "ab", "ba"], ["hello", "yellow"],
      ["zyx", "xyz", "yzx"], ["", "a"], ["ab", "ab"], ["abcd", "bd", "dab"])
def letters_in_all(words: list[str]) -> str:
    """Return the characters that occur in every word of the non-empty list, each once, in alphabetical order, as
    a string."""
    common = set(words[0])
    for w in words[1:]:
        common &= set(w)
    return "".join(sorted(common))


@task("medium", [[1, 2], [2, 3], [3, 4]], [], [[1, 1, 1]], [[5], [5]], [[1, 2, 3], [4], [3, 4, 9]], [[0, 1], [], [0]],
      [[9, 3], [5, 1]], [[30, 7, 12], [7], [100, 2]])
def in_one_list_only(lists: list[list[int]]) -> list[int]:
    """Return, in increasing order and each once, the numbers that occur in exactly one of the lists. How often a
    number occurs in that list does not matter."""
    values = {n for numbers in lists for n in numbers}
    return sorted(v for v in values if sum(1 for numbers in lists if v in numbers) == 1)


@task("medium", [3, 1, 3, 2, 1], [], [5], [2, 2], [1, 2, 3, 4], [7, 8, 8, 7, 7], [0, 5, 0])
def first_repeat(items: list[int]) -> int:
    """Read the list from left to right and return the first number that was already seen before. Return -1 if no
    number repeats. No number is negative."""
    seen = set()
    for x in items:
        if x in seen:
            return x
        seen.add(x)
    return -1


@task("medium", [1, 2], [], [5], [3, 1, 2], [0, 9], [4, 2, 8])
def all_subsets(items: list[int]) -> list[list[int]]:
    """The list holds different numbers. Return all its subsets, the empty one included, each as a list in
    increasing order. Shorter subsets come before longer ones; subsets of the same length are ordered as lists, so
    `[1, 2]` comes before `[1, 3]`."""
    subsets = [[]]
    for x in sorted(items):
        subsets += [s + [x] for s in subsets]
    return sorted(subsets, key=lambda s: (len(s), s))


@task("hard", [4, 1, 3, 2, 9], [], [7], [1, 1, 2, 2], [10, 5, 11, 6, 12, 13], [-1, 0, 1, 5], [8, 6, 4],
      [1, 2, 3, 5, 6], [5, 4, 3, 2, 1], [1, 3, 5], [20, 21, 1, 2, 3])
def longest_number_chain(numbers: list[int]) -> int:
    """Return the length of the longest chain of integers n, n + 1, n + 2, ... that all occur in the list, in
    whatever order. The empty list gives 0."""
    have, best = set(numbers), 0
    for n in have:
        if n - 1 not in have:
            end = n
            while end in have:
                end += 1
            best = max(best, end - n)
    return best


@task("hard", ({1, 2, 3, 4}, [{1, 2}, {3}, {3, 4}]), ({1}, [{1}]), ({1, 2}, [{1}]), (set(), [{5}]),
      ({1, 2, 3}, [{1}, {2}, {3}, {2, 3}]), ({4, 5, 6}, [{4, 5, 6}, {4}]),
      ({1, 2, 3, 4, 5}, [{1, 2, 3}, {2, 4}, {3, 5}, {4, 5}]))
def fewest_covering(wanted: set[int], offers: list[set[int]]) -> int:
    """Return the smallest number of the offered sets that together hold every number of `wanted`, or -1 if all of
    them together do not. Nothing wanted needs 0 sets."""
    from itertools import combinations
    for k in range(len(offers) + 1):
        for chosen in combinations(offers, k):
            if wanted <= set().union(*chosen):
                return k
    return -1


@task("easy", ([3, 1, 3], [2, 1]), ([], []), ([5], []), ([], [4, 4]), ([1, 2], [3, 4]), ([-1, 0], [0, -1]))
def union_sorted(first: list[int], second: list[int]) -> list[int]:
    """Return all numbers that occur in at least one of the lists, each once, in increasing order."""
    return sorted(set(first) | set(second))


@task("easy", ([1, 2, 3], [2]), ([], [1]), ([1, 1, 2], [1]), ([4, 5], []), ([7, 8, 7], [8, 9]), ([3], [3]))
def without_values(items: list[int], unwanted: list[int]) -> list[int]:
    """Return the items, in their order, that do not occur in `unwanted`."""
    return [x for x in items if x not in unwanted]


@task("easy", [1, 2, 3], [1, 1], [], [4], [0, 5, 0], [-1, 1, 2, -2])
def has_duplicates(items: list[int]) -> bool:
    """Return True if some number occurs more than once in the list, else False."""
    return len(set(items)) < len(items)
