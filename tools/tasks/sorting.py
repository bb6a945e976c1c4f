from . import Topic

task = Topic("sorting", split="train")


@task("easy", [3, 1, 2], [], [5, 5, 1], [-1, -7, 0], [1], list(range(8)))
def descending(numbers: list[int]) -> list[int]:
    """Return the numbers of the list in a new list, from largest to smallest. Equal numbers all stay."""
    return sorted(numbers, reverse=True)


@task("easy", ["pear", "fig", "apple"], [], ["bb", "a", "aa", "b"], ["same", "size", "here"], ["", "x", ""],
      ["long", "a", "mid"])
def shortest_first(words: list[str]) -> list[str]:
    """Return the words sorted by length, shortest first. Words of the same length keep the order they had."""
    return sorted(words, key=len)


@task("easy", [3, -1, -2], [], [1, -1], [-1, 1], [0, 5, -5, 2], [-9, 8, -7, 6])
def by_distance_from_zero(numbers: list[int]) -> list[int]:
    """Return the numbers sorted by absolute value, smallest first. Of two numbers with the same absolute value
    the negative one comes first."""
    return sorted(numbers, key=lambda n: (abs(n), n))


@task("easy", [4, 1, 3, 2], [7], [], [2, 4], [9, 7, 5], [8, 3, 6, 5, 4], [0, -1, -2], [1, 1, 2, 2])
def evens_then_odds(numbers: list[int]) -> list[int]:
    """Return a list with all even numbers in increasing order, followed by all odd numbers in increasing order."""
    return sorted(numbers, key=lambda n: (n % 2, n))


@task("easy", [1, 2, 2, 3], [], [3, 1], [5], [1, 1, 1], [1, 3, 2, 4], [-3, -2, -5])
def is_nondecreasing(numbers: list[int]) -> bool:
    """Return True if no number of the list is smaller than the one before it, else False. A list of fewer than
    two numbers is in order."""
    return all(a <= b for a, b in zip(numbers, numbers[1:]))


@task("medium", ([1, 4, 6], [2, 4, 9]), ([], []), ([1], []), ([], [2, 3]), ([5, 6], [1, 2]), ([-3, 0], [-3, -3, 8]),
      ([1, 1], [1]), ([0, 9], [9, 9]))
def merge_sorted(left: list[int], right: list[int]) -> list[int]:
    """Both lists are sorted in increasing order. Return one list with all their numbers in increasing order. A
    number that occurs in both stays as often as it occurs in the two together."""
    out, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    return out + left[i:] + right[j:]


@task("medium", [("ann", 3), ("bob", 5), ("cy", 3)], [], [("x", 1)], [("b", 2), ("a", 2)],
      [("p", -1), ("q", 0), ("r", -1)], [("zed", 9), ("al", 9), ("mo", 10), ("ed", 1)], show=1)
def ranking(results: list[tuple[str, int]]) -> list[str]:
    """Each result is a pair of a name and its points. Return the names with the most points first; names with
    equal points are in alphabetical order."""
    return [name for name, points in sorted(results, key=lambda r: (-r[1], r[0]))]


@task("medium", [30, 10, 20, 10], [], [5], [7, 7, 7], [3, 2, 1], [1, 2, 3], [-5, 0, -5, 9])
def ranks(numbers: list[int]) -> list[int]:
    """Return for each number its rank: 1 for the largest value, 2 for the next smaller different value, and so
    on. Equal numbers have the same rank and no rank is left out."""
    order = sorted(set(numbers), reverse=True)
    return [order.index(n) + 1 for n in numbers]


@task("medium", [3, 1, 2], [1, 2, 3], [], [3, 2, 1], [5, 1, 4, 2], [2, 2, 1], [1, 1, 1])
def count_inversions(numbers: list[int]) -> int:
    """Return the number of pairs of places i < j for which the number at i is strictly larger than the number at
    j."""
    return sum(1 for j in range(len(numbers)) for i in range(j) if numbers[i] > numbers[j])


@task("medium", ["v1.2", "v1.10", "v1.9"], [], ["v2.0", "v1.99"], ["v10.1", "v9.9", "v10.0"], ["v0.0"],
      ["v3.3", "v3.12", "v3.3"])
def sort_versions(versions: list[str]) -> list[str]:
    """Each version is written `vMAJOR.MINOR` with two whole numbers. Return the versions from oldest to newest,
    that is, ordered by the major number and then by the minor number, compared as numbers."""
    def key(v):
        major, minor = v[1:].split(".")
        return int(major), int(minor)
    return sorted(versions, key=key)


@task("medium", ([5, 3, 9, 1], 2), ([1], 1), ([4, 4, 2], 2), ([-1, -5, -3], 3), ([10, 20, 30, 40], 4),
      ([7, 7, 7, 1], 3), ([2, 8, 6], 1))
def kth_smallest(numbers: list[int], k: int) -> int:
    """Return the `k`-th smallest number of the list, where equal numbers are counted separately: k = 1 gives the
    smallest. `k` lies between 1 and the length of the list."""
    return sorted(numbers)[k - 1]


@task("hard", [3, 1, 2], [1, 2, 3], [], [2, 1], [4, 3, 2, 1], [5, 1, 3, 2, 4], [1, 1], [2, 3, 1, 5, 4])
def bubble_passes(numbers: list[int]) -> int:
    """Bubble sort goes through the list from left to right and swaps each two neighbours of which the left one is
    larger. Such passes are repeated until a pass makes no swap. Return how many passes are made, the last one
    without a swap included. The empty list also needs one pass."""
    a, passes = list(numbers), 0
    while True:
        passes += 1
        swapped = False
        for i in range(len(a) - 1):
            if a[i] > a[i + 1]:
                a[i], a[i + 1] = a[i + 1], a[i]
                swapped = True
        if not swapped:
            return passes


@task("hard", ["img12", "img2", "img1"], [], ["b1", "a10", "a9"], ["x", "x1", "x0"], ["a1b2", "a1b10", "a1b"],
      ["f01", "f2", "f10"], ["7up", "10cc", "up7"], ["a12", "a1x", "a"], ["ab", "a", "b1"], ["xy2", "xyz", "xy10"],
      ["-1", "a1", "1"], ["a!", "ab", "a1"])
def natural_order(names: list[str]) -> list[str]:
    """Sort the names so that numbers in them count as numbers: cut each name into pieces that are either a run of
    digits or a run of other characters, and compare piece by piece. Digits compare by their numeric value, other
    pieces as ordinary text, and a digit piece comes before a text piece. A name that is the beginning of another
    comes first. No two names are equal in this order."""
    import re

    def key(name):
        return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in re.findall(r"[0-9]+|[^0-9]+", name)]
    return sorted(names, key=key)


@task("easy", ["pear", "apple", "fig"], [], ["b", "a", "b"], ["one"], ["zoo", "ant", "bee", "cow"], ["aa", "a", "ab"])
def alphabetical(words: list[str]) -> list[str]:
    """Return the lowercase words in alphabetical order."""
    return sorted(words)


@task("easy", ([5, 1, 4, 2], 2), ([3], 1), ([7, 7, 1], 2), ([-5, -1, -3], 3), ([1, 2, 3, 4, 5], 3), ([9, 8], 0))
def largest_numbers(numbers: list[int], count: int) -> list[int]:
    """Return the `count` largest numbers of the list, from the largest on. `count` is at most the length of the
    list."""
    return sorted(numbers, reverse=True)[:count]


@task("easy", [[2, 1], [1, 5]], [], [[1, 1]], [[3, 0], [2, 9], [1, 5]], [[1, 2], [1, 1], [0, 7]],
      [[5, 5], [4, 4], [5, 4]])
def sort_by_second(pairs: list[list[int]]) -> list[list[int]]:
    """Each pair is a list of two integers. Return the pairs sorted by their second number, smallest first. Pairs
    with equal second numbers keep their order."""
    return sorted(pairs, key=lambda p: p[1])
