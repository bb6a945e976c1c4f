from . import Topic

task = Topic("dp", split="train")


@task("medium", ([1, 5, 10], 12), ([2], 3), ([2, 3], 7), ([7], 0), ([1, 3, 4], 6), ([5, 9], 13), ([3, 6], 9),
      ([1], 1), ([1, 7], 1), ([4, 1], 9))
def fewest_stamps(values: list[int], amount: int) -> int:
    """You have stamps of the given positive values, as many as you like of each. Return the smallest number of
    stamps whose values add up to exactly `amount`, or -1 if that is impossible. An amount of 0 needs 0 stamps."""
    best = [0] + [None] * amount
    for a in range(1, amount + 1):
        options = [best[a - v] for v in values if v <= a and best[a - v] is not None]
        best[a] = min(options) + 1 if options else None
    return -1 if best[amount] is None else best[amount]


@task("medium", ([1, 2, 5], 5), ([2], 3), ([3, 5], 0), ([1], 7), ([2, 3, 7], 12), ([5, 10], 20), ([4, 6], 14))
def ways_to_pay(coins: list[int], amount: int) -> int:
    """You have coins of the given different positive values, as many as you like of each. Return in how many ways
    they can make up exactly `amount`, where only the number of coins of each value matters, not their order.
    There is one way to pay 0."""
    ways = [1] + [0] * amount
    for c in coins:
        for a in range(c, amount + 1):
            ways[a] += ways[a - c]
    return ways[amount]


@task("medium", [2, -1, 3, -5, 4], [-3, -1, -2], [5], [1, 2, 3], [4, -5, 6, -1, 2], [0, -1], [-2, 7, -6, 8])
def best_streak(numbers: list[int]) -> int:
    """Return the largest sum of one or more consecutive numbers of the non-empty list."""
    best = current = numbers[0]
    for n in numbers[1:]:
        current = max(n, current + n)
        best = max(best, current)
    return best


@task("medium", [3, 1, 4, 2, 5], [], [5, 4, 3], [1, 1, 1], [1, 2, 3], [10, 1, 11, 2, 12, 3], [7])
def longest_rising_choice(numbers: list[int]) -> int:
    """You may strike out any numbers of the list but not change the order. Return the largest possible count of
    numbers that stay such that each is strictly larger than the one before. The empty list gives 0."""
    best = []
    for i, n in enumerate(numbers):
        best.append(1 + max((best[j] for j in range(i) if numbers[j] < n), default=0))
    return max(best, default=0)


@task("medium", ("abcde", "ace"), ("abc", "xyz"), ("", "abc"), ("aaa", "aa"), ("abcbdab", "bdcaba"), ("xay", "yax"),
      ("same", "same"), ("abcab", "bcaab"), ("bxay", "abxy"), ("zab", "abz"))
def common_letters_in_order(first: str, second: str) -> int:
    """Return the length of the longest string that can be made from `first` by striking out characters and also
    from `second` by striking out characters."""
    row = [0] * (len(second) + 1)
    for a in first:
        new = [0]
        for j, b in enumerate(second):
            new.append(row[j] + 1 if a == b else max(row[j + 1], new[j]))
        row = new
    return row[-1]


@task("medium", ("garden", "warned"), ("", "abc"), ("same", "same"), ("abc", ""), ("flaw", "lawn"), ("a", "b"),
      ("ab", "ba"), ("thinking", "sinking"), ("abcdef", "acf"), ("xabc", "abc"), ("intention", "execution"),
      ("abc", "axbxc"), ("aabb", "bb"))
def edit_steps(source: str, target: str) -> int:
    """One step inserts one character, removes one character, or replaces one character by another. Return the
    smallest number of steps that turn `source` into `target`."""
    row = list(range(len(target) + 1))
    for i, a in enumerate(source):
        new = [i + 1]
        for j, b in enumerate(target):
            new.append(min(row[j] + (a != b), row[j + 1] + 1, new[j] + 1))
        row = new
    return row[-1]


@task("medium", [5, 1, 1, 5], [], [3], [2, 7], [3, 8, 9, 2, 1], [10, 1, 1, 10, 1], [0, 0, 0], [4, 5, 4])
def pick_without_neighbours(values: list[int]) -> int:
    """Choose places of the list so that no two chosen places are next to each other. Return the largest possible
    sum of the values at the chosen places. The values are not negative; choosing nothing gives 0."""
    take = skip = 0
    for v in values:
        take, skip = skip + v, max(take, skip)
    return max(take, skip)


@task("medium", [[1], [2, 3], [4, 1, 9]], [[5]], [[1], [1, 1]], [[0], [-1, 5], [10, 0, 0]],
      [[2], [9, 1], [1, 9, 9], [1, 9, 9, 9]], [[3], [7, 4], [2, 4, 6], [8, 5, 9, 3]], [[1], [9, 2]],
      [[4], [1, 1], [9, 0, 0]])
def best_triangle_path(rows: list[list[int]]) -> int:
    """Row i of the triangle (counted from 0) has i + 1 numbers. A path starts in the top row, and from place j of
    a row it goes on to place j or j + 1 of the next row, down to the last row. Return the largest sum of the
    numbers on a path."""
    best = list(rows[-1])
    for row in reversed(rows[:-1]):
        best = [v + max(best[j], best[j + 1]) for j, v in enumerate(row)]
    return best[0]


@task("hard", ([3, 4, 2], [30, 50, 15], 6), ([1], [10], 0), ([5], [10], 4), ([1, 2, 3], [6, 10, 12], 5), ([], [], 10),
      ([2, 2, 2], [1, 5, 3], 4), ([4, 5, 1], [1, 2, 3], 4), ([6, 3, 3], [8, 5, 4], 6))
def best_load(weights: list[int], values: list[int], capacity: int) -> int:
    """Article i weighs `weights[i]` and is worth `values[i]`. Choose some of the articles, each at most once,
    with a total weight of at most `capacity`. Return the largest total value."""
    best = [0] * (capacity + 1)
    for w, v in zip(weights, values):
        for c in range(capacity, w - 1, -1):
            best[c] = max(best[c], best[c - w] + v)
    return best[capacity]


@task("hard", ([3, 1, 1, 2, 2, 1],), ([1, 2],), ([],), ([5, 5],), ([2, 9, 4, 3],), ([4],), ([2, 2, 2],),
      ([3, 3, 3, 4, 5],))
def can_share_equally(values: list[int]) -> bool:
    """Return True if the positive values can be divided into two groups with equal sums, using every value
    exactly once; otherwise return False. The empty list can be divided."""
    total = sum(values)
    sums = {0}
    for v in values:
        sums |= {s + v for s in sums}
    return total % 2 == 0 and total // 2 in sums


@task("hard", ("nowhere", ["no", "now", "here", "where"]), ("abc", ["ab"]), ("", ["x"]), ("aaaa", ["a", "aa"]),
      ("dogs", ["dog", "s"]), ("aab", ["a", "b", "ab"]), ("x", []))
def count_segmentations(text: str, words: list[str]) -> int:
    """Return in how many ways `text` can be cut into pieces that are all in `words`. A word may be used several
    times, and the words are different and not empty. The empty text can be cut in one way."""
    ways = [1] + [0] * len(text)
    for end in range(1, len(text) + 1):
        for w in words:
            if text[:end].endswith(w):
                ways[end] += ways[end - len(w)]
    return ways[len(text)]


@task("hard", [6, 2, 9, 1, 7, 5], [1, 2, 3], [3, 2, 1], [], [5], [2, 4, 1, 9], [1, 9, 1, 9], [4, 4, 4])
def best_single_trade(prices: list[int]) -> int:
    """The list holds the price of a thing on consecutive days. Buy it on one day and sell it on a later day, at
    most once. Return the largest possible gain, or 0 if no gain is possible."""
    best, lowest = 0, None
    for p in prices:
        if lowest is None or p < lowest:
            lowest = p
        best = max(best, p - lowest)
    return best


@task("easy", [3, 1, 4, 1, 5], [2], [7, 7], [-3, -1, -2], [1, 2, 3], [9, 0, 10])
def running_maximum(numbers: list[int]) -> list[int]:
    """Return a list whose item at index i is the largest of the numbers up to and including index i."""
    return [max(numbers[:i + 1]) for i in range(len(numbers))]


@task("easy", 6, 0, 1, 2, 10, 30)
def pair_sum_sequence(index: int) -> int:
    """A sequence starts with 0 and 1, and every later term is the sum of the two terms before it. Return the term
    with the given index; the first term has index 0."""
    a, b = 0, 1
    for _ in range(index):
        a, b = b, a + b
    return a
