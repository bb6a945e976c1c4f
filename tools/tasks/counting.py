from . import Topic

task = Topic("counting", split="train")


@task("easy", 5, 0, 1, 2, 3, 10)
def handshakes(people: int) -> int:
    """Everyone in a room with `people` people shakes hands once with everyone else. Return the number of
    handshakes."""
    return people * (people - 1) // 2


@task("easy", (3, 2), (1, 1), (0, 4), (2, 10), (10, 3), (26, 0))
def count_codes(letters: int, length: int) -> int:
    """Return how many different codes of exactly `length` characters can be written with an alphabet of `letters`
    letters, when letters may be repeated. There is one code of length 0."""
    return letters ** length


@task("easy", ([3, 5, 8, 2], 2, 5), ([], 0, 9), ([1, 1, 1], 1, 1), ([10, 20], 11, 19), ([-5, 0, 5], -5, 4),
      ([7], 8, 10))
def count_in_range(numbers: list[int], low: int, high: int) -> int:
    """Return how many numbers of the list are at least `low` and at most `high`."""
    return sum(1 for n in numbers if low <= n <= high)


@task("medium", (5, 2), (4, 0), (4, 4), (3, 5), (10, 3), (1, 1), (20, 10))
def choose(total: int, picked: int) -> int:
    """Return in how many ways `picked` things can be chosen out of `total` different things when the order does
    not matter. It is 0 if `picked` is larger than `total`, and 1 if `picked` is 0."""
    if picked > total:
        return 0
    result = 1
    for i in range(picked):
        result = result * (total - i) // (i + 1)
    return result


@task("medium", "aab", "", "a", "abc", "zzzz", "abab", "letter")
def count_arrangements(text: str) -> int:
    """Return how many different strings can be made by putting all characters of `text` in some order. The empty
    string has one arrangement."""
    from math import factorial
    result = factorial(len(text))
    for c in set(text):
        result //= factorial(text.count(c))
    return result


@task("medium", (3, 3), (1, 1), (1, 5), (2, 2), (4, 6), (3, 7))
def lattice_paths(rows: int, columns: int) -> int:
    """A board has `rows` rows and `columns` columns of cells. Return in how many ways one can go from the top
    left cell to the bottom right cell when each step goes one cell to the right or one cell down."""
    ways = [1] * columns
    for _ in range(rows - 1):
        for c in range(1, columns):
            ways[c] += ways[c - 1]
    return ways[-1]


@task("medium", 3, 1, 2, 4, 5, 8)
def count_squares_on_board(size: int) -> int:
    """Return how many squares of any size (with sides along the grid lines) a board of `size` times `size` cells
    contains."""
    return sum(k * k for k in range(1, size + 1))


@task("medium", [1, 2, 1, 3, 2], [], [7], [4, 4, 4], [1, 2, 3], [0, 0, 1, 1], [-1, -1, -1, -1])
def equal_pairs(items: list[int]) -> int:
    """Return the number of pairs of places i < j that hold equal numbers."""
    return sum(1 for j in range(len(items)) for i in range(j) if items[i] == items[j])


@task("medium", 4, 1, 2, 3, 0, 10, 15)
def words_without_double_b(length: int) -> int:
    """Return how many strings of exactly `length` letters a and b do not contain two letters b next to each
    other. The empty string is the one string of length 0."""
    ends_a, ends_b = 1, 0
    for _ in range(length):
        ends_a, ends_b = ends_a + ends_b, ends_a
    return ends_a + ends_b


@task("medium", (2, 7), (1, 2), (6, 36), (2, 1), (3, 10), (1, 6), (3, 3), (4, 14))
def dice_ways(dice: int, total: int) -> int:
    """Return how many of the outcomes of throwing `dice` different dice, each with the numbers 1 to 6, have the
    sum `total`. There is at least one die."""
    ways = {0: 1}
    for _ in range(dice):
        new = {}
        for s, w in ways.items():
            for face in range(1, 7):
                new[s + face] = new.get(s + face, 0) + w
        ways = new
    return ways.get(total, 0)


@task("hard", 3, 0, 1, 2, 4, 6, 10)
def no_one_at_home(people: int) -> int:
    """Everyone of `people` people brings one hat, and the hats are handed back in some order, one to each. Return
    in how many of the possible orders nobody gets the own hat. For 0 people the answer is 1."""
    a, b = 1, 0
    for n in range(2, people + 1):
        a, b = b, (n - 1) * (a + b)
    return a if people == 0 else b


@task("hard", (3, 2), (4, 1), (5, 5), (2, 3), (4, 2), (5, 3), (0, 0), (3, 0))
def ways_to_group(things: int, groups: int) -> int:
    """Return in how many ways `things` different things can be divided into exactly `groups` groups, none of them
    empty, when neither the order of the groups nor the order in a group matters. No things can be divided into no
    groups in one way."""
    if things == groups:
        return 1
    if groups == 0 or groups > things:
        return 0
    return groups * ways_to_group(things - 1, groups) + ways_to_group(things - 1, groups - 1)


@task("hard", "abc", "", "aa", "aba", "abab", "zzz", "abcd")
def different_pieces(text: str) -> int:
    """Return how many different non-empty strings occur in `text` as a piece of consecutive characters."""
    return len({text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1)})


@task("easy", "banana", "", "xyz", "AEIOU", "Why not", "queue")
def count_lowercase_vowels(text: str) -> int:
    """Return how many characters of `text` are one of the lowercase vowels a, e, i, o, u."""
    return sum(1 for c in text if c in "aeiou")


@task("easy", ([1, 2, 1, 3], 1), ([], 0), ([5, 5, 5], 5), ([1, 2], 3), ([-1, -1, 0], -1), ([0], 0))
def occurrences(numbers: list[int], value: int) -> int:
    """Return how often `value` occurs in the list."""
    return numbers.count(value)


@task("easy", (1, 10), (5, 5), (2, 3), (0, 100), (-3, 3), (7, 8))
def count_odd_between(low: int, high: int) -> int:
    """Return how many odd integers n there are with `low` <= n <= `high`. `low` is not larger than `high`."""
    return sum(1 for n in range(low, high + 1) if n % 2 == 1)
