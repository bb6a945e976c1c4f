from . import Topic

task = Topic("lists", split="train")


@task("easy", [3, 1, 2], [], [5], [0, 0, 0], [-1, -2, -3], list(range(10)), [7, 7])
def ends_sum(numbers: list[int]) -> int:
    """Return the sum of the first and the last number of the list. A list of one number counts it twice; the
    empty list gives 0."""
    return numbers[0] + numbers[-1] if numbers else 0


@task("easy", [1, 2, 3, 4], [], [5], [2, 2, 2, 2, 2], [-1, 4, -3, 8], [0, 1])
def sum_even_places(numbers: list[int]) -> int:
    """Return the sum of the numbers at the even indices 0, 2, 4 and so on."""
    return sum(numbers[::2])


@task("easy", ([1, 2, 3, 4, 5], 2), ([1, 2, 3], 0), ([], 3), ([1, 2, 3], 3), ([1, 2, 3], 7), ([4, 5, 6, 7], 1))
def shift_left(items: list[int], steps: int) -> list[int]:
    """Return a new list in which every item is moved `steps` places to the left; items that fall off the front
    come back at the end. `steps` is not negative and may be larger than the length."""
    if not items:
        return []
    steps %= len(items)
    return items[steps:] + items[:steps]


@task("easy", [1, -2, 3, -4], [], [-1, -1], [0, 5, 0], [2, 4, 6], [-7], [10, -10, 10])
def clip_negatives(numbers: list[int]) -> list[int]:
    """Return a list of the same length in which every negative number is replaced by 0."""
    return [max(0, n) for n in numbers]


@task("easy", ([1, 2], [3, 4, 5]), ([], [1]), ([1, 2, 3], []), ([], []), ([1], [9]), ([5, 6, 7], [1, 2]))
def interleave(left: list[int], right: list[int]) -> list[int]:
    """Return a list that takes turns: one item of `left`, one item of `right`, and so on. When one list is used
    up, the rest of the other follows."""
    out = []
    for i in range(max(len(left), len(right))):
        out += left[i:i + 1] + right[i:i + 1]
    return out


@task("easy", [4, 9, 2, 7], [1, 1], [5, 5, 5], [-3, -8], [10, 0, -10], [0, 100, 50, 7])
def spread(numbers: list[int]) -> int:
    """Return the difference between the largest and the smallest number of the non-empty list."""
    return max(numbers) - min(numbers)


@task("medium", [1, 3, 2, 5, 4], [], [1], [2, 2, 2], [1, 2, 3], [3, 2, 1], [5, 1, 5, 1, 5], [0, 9, 9, 0])
def count_peaks(numbers: list[int]) -> int:
    """Return how many numbers are strictly larger than both of their neighbours. The first and the last number
    have only one neighbour and never count."""
    return sum(1 for i in range(1, len(numbers) - 1) if numbers[i - 1] < numbers[i] > numbers[i + 1])


@task("medium", [1, 2, 2, 3, 1], [], [4, 4, 4], [1, 2, 3], [5, 1, 5, 2, 5], [0, -1, 0], [9])
def keep_last_seen(items: list[int]) -> list[int]:
    """Remove repeated items so that only the last occurrence of each value stays. The items that stay keep their
    order."""
    return [x for i, x in enumerate(items) if x not in items[i + 1:]]


@task("medium", ([1, 2, 3, 4, 5, 6, 7], 3), ([1, 2], 5), ([], 2), ([1, 2, 3, 4], 2), ([9], 1), ([5, 6, 7], 1),
      ([1, 2, 3, 4, 5], 4))
def split_even(items: list[int], parts: int) -> list[list[int]]:
    """Split `items` into exactly `parts` lists of consecutive items whose lengths differ by at most one; the
    longer lists come first. Some lists are empty if there are fewer items than parts. `parts` is at least 1."""
    size, extra = divmod(len(items), parts)
    out, start = [], 0
    for i in range(parts):
        end = start + size + (1 if i < extra else 0)
        out.append(items[start:end])
        start = end
    return out


@task("medium", [1, 2, 3], [], [5], [3, -3, 3], [0, 0, 1], [-1, -2, -3, -4], [10] * 6)
def running_totals(numbers: list[int]) -> list[int]:
    """Return a list whose item at index i is the sum of all numbers up to and including index i."""
    out, total = [], 0
    for n in numbers:
        total += n
        out.append(total)
    return out


@task("medium", [3, 1, 2, 1], [5], [2, 2, 2], [1, 2, 3], [9, 8, 7, 9], [4, 0, 0, 4], [-1, -5, -5, 2, -1])
def gap_between_extremes(numbers: list[int]) -> int:
    """Return the distance between the index of the first largest number and the index of the first smallest
    number of the non-empty list, as a number that is not negative."""
    return abs(numbers.index(max(numbers)) - numbers.index(min(numbers)))


@task("medium", [1, 1, 2, 3, 3, 3], [], [7], [4, 4, 4, 4], [1, 2, 1, 2], [0, 0, 1, 1, 0], [-1, -1, 5])
def run_lengths(items: list[int]) -> list[list[int]]:
    """Describe the runs of equal neighbouring items: return a list of pairs `[item, length]`, one for each run,
    in order."""
    out = []
    for x in items:
        if out and out[-1][0] == x:
            out[-1][1] += 1
        else:
            out.append([x, 1])
    return out


@task("medium", [2, 3, 4], [1], [], [0, 5, 2], [-1, 2, 3], [1, 1, 1, 1], [2, 0, 0], [10, 20])
def products_of_others(numbers: list[int]) -> list[int]:
    """Return a list whose item at index i is the product of all numbers except the one at index i. For a list of
    one number that is `[1]`; the empty list gives the empty list."""
    out = []
    for i in range(len(numbers)):
        product = 1
        for j, n in enumerate(numbers):
            if j != i:
                product *= n
        out.append(product)
    return out


@task("hard", [1, [2, [3, 4]], 5], [], [[[]]], [[1], [[2]], [[[3]]]], [1, 2], [[], [7, []], 0], [[[-1, -2]], [-3]],
      show=2)
def flatten_deep(items: list) -> list[int]:
    """`items` holds integers and lists, which hold integers and lists again, to any depth. Return one flat list
    of all integers in the order in which they stand from left to right."""
    out = []
    for x in items:
        if isinstance(x, list):
            out += flatten_deep(x)
        else:
            out.append(x)
    return out


@task("hard", ([5, 1, 4, 2, 3], 3), ([1, 2, 3, 4], 1), ([9, 8, 7], 3), ([4, 4, 4, 4], 2), ([-1, -5, 3, 0, 2], 2),
      ([2, 1], 2), ([2, 6, -4, 0, -9, 3, 8, 1], 3))
def window_maxima(numbers: list[int], width: int) -> list[int]:
    """Return the largest number of every window of `width` neighbouring numbers, from left to right. `width` is
    at least 1 and at most the length of the list."""
    return [max(numbers[i:i + width]) for i in range(len(numbers) - width + 1)]


@task("easy", [1, 2, 3], [], [7], [0, 0], [-1, 5, -9], [4, 3, 2, 1])
def reversed_copy(items: list[int]) -> list[int]:
    """Return a new list with the items in reverse order."""
    return items[::-1]


@task("easy", [1, -2, 3], [], [0, 0], [-1, -1, -1], [5, 6, 7, 0], [-4])
def count_positive(numbers: list[int]) -> int:
    """Return how many numbers of the list are larger than 0."""
    return sum(1 for n in numbers if n > 0)


@task("easy", ([1, 2, 3], 2), ([], 5), ([4], 0), ([1, -1], -3), ([7, 8], 1), ([0, 0, 5], 10))
def scaled(numbers: list[int], factor: int) -> list[int]:
    """Return the list of all numbers multiplied by `factor`."""
    return [n * factor for n in numbers]


@task("easy", [1, 2, 3, 4, 5, 6], [], [2], [1, 3], [-2, -1, 0], [10, 11, 12, 10])
def only_even(numbers: list[int]) -> list[int]:
    """Return the list of the even numbers, in their order."""
    return [n for n in numbers if n % 2 == 0]


@task("easy", ([1, 2, 3], [4, 5, 6]), ([], []), ([1], [-1]), ([2, 2], [3, 3]), ([0, 9], [5, 0]),
      ([10, 20, 30], [1, 1, 1]))
def pairwise_sums(first: list[int], second: list[int]) -> list[int]:
    """Both lists have the same length. Return the list of the sums of the numbers at the same places."""
    return [a + b for a, b in zip(first, second)]
