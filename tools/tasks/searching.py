from . import Topic

task = Topic("searching", split="train")


@task("easy", ([4, 8, 6], 8), ([4, 8, 6], 5), ([], 1), ([7, 7, 7], 7), ([1, 2, 3, 2], 2), ([-1], -1), ([0, 1], 2))
def index_or_minus_one(numbers: list[int], target: int) -> int:
    """Return the index of the first occurrence of `target` in the list, or -1 if it does not occur."""
    return numbers.index(target) if target in numbers else -1


@task("easy", ([1, 3, 5, 7], 4), ([], 9), ([2, 2, 2], 2), ([1, 2, 3], 0), ([1, 2, 3], 3), ([-5, -1, 0, 8], -1),
      ([1, 3], 10))
def insert_place(numbers: list[int], value: int) -> int:
    """The list is sorted in increasing order. Return the smallest index at which `value` can be inserted so that
    the list stays sorted."""
    low, high = 0, len(numbers)
    while low < high:
        mid = (low + high) // 2
        if numbers[mid] < value:
            low = mid + 1
        else:
            high = mid
    return low


@task("easy", ([5, 9, 2], 4), ([1, 2], 5), ([], 0), ([3, 3, 3], 2), ([-2, 8, 9], 7), ([4], 4), ([0, 6, 7], 5))
def first_above(numbers: list[int], limit: int) -> int:
    """Return the first number of the list that is larger than `limit`, or -1 if there is none. `limit` is not
    negative."""
    for n in numbers:
        if n > limit:
            return n
    return -1


@task("medium", ([1, 2, 2, 2, 3], 2), ([1, 3], 2), ([], 1), ([5, 5, 5, 5], 5), ([1, 2, 3], 1), ([1, 2, 3], 3),
      ([-2, -2, 0, 4, 4], 4))
def first_and_last_index(numbers: list[int], target: int) -> list[int]:
    """The list is sorted in increasing order. Return `[first, last]`, the indices of the first and the last
    occurrence of `target`, or `[-1, -1]` if it does not occur."""
    places = [i for i, n in enumerate(numbers) if n == target]
    return [places[0], places[-1]] if places else [-1, -1]


@task("medium", ([4, 1, 6, 3], 9), ([1, 2], 10), ([3, 3], 6), ([], 0), ([-4, 1, 5, 9], 5), ([0, 4, 3, 0], 0),
      ([1, 5, 3, 3], 6))
def pair_with_sum(numbers: list[int], target: int) -> list[int]:
    """Find two different places i < j whose numbers add up to `target`, and return `[i, j]`. If there are several
    such pairs, take the one with the smallest i, and among those the one with the smallest j. If there is none,
    return `[]`."""
    for i in range(len(numbers)):
        for j in range(i + 1, len(numbers)):
            if numbers[i] + numbers[j] == target:
                return [i, j]
    return []


@task("medium", ([1, 4, 7, 10], 6), ([5], 100), ([2, 4], 3), ([-3, 3], 0), ([10, 1, 8], 9), ([1, 2, 3], 2),
      ([20, 0, 13], 7))
def closest_value(numbers: list[int], target: int) -> int:
    """Return the number of the non-empty list that is closest to `target`. If two different numbers are equally
    close, return the smaller one."""
    return min(numbers, key=lambda n: (abs(n - target), n))


@task("medium", [4, 5, 1, 2, 3], [1, 2, 3], [2, 1], [7], [3, 4, 5, 6, 0], [9, -5, -2, 4], [6, 7, 8, 9, 10, 5])
def rotation_point(numbers: list[int]) -> int:
    """A non-empty list of different numbers was sorted in increasing order and then rotated. Return the index of
    its smallest number."""
    return numbers.index(min(numbers))


@task("medium", [1, 2, 4, 5], [1], [2], [1, 2, 3], [3, 1, 2, 5], [], [2, 3, 4], [6, 1, 3, 2, 5])
def missing_number(numbers: list[int]) -> int:
    """The list holds all integers from 1 to n + 1 except one, in any order, where n is its length. Return the
    missing integer."""
    n = len(numbers) + 1
    return n * (n + 1) // 2 - sum(numbers)


@task("medium", ([1, 2, 3, 4], 5), ([5], 5), ([1, 1, 1, 1], 2), ([], 3), ([3, -1, 2], 4), ([2, 4], 7),
      ([1, 2, 3, 4, 5], 9))
def count_pieces_with_sum(numbers: list[int], target: int) -> int:
    """Return how many pieces of one or more consecutive numbers of the list have the sum `target`."""
    count = 0
    for i in range(len(numbers)):
        total = 0
        for n in numbers[i:]:
            total += n
            if total == target:
                count += 1
    return count


@task("hard", ([5, 8, 2, 9], 7), ([5], 1), ([5], 5), ([1, 1, 1], 3), ([10, 10], 4), ([14, 3, 25, 8], 6), ([4, 7], 3))
def slowest_pace(piles: list[int], hours: int) -> int:
    """Piles of pages have the given positive sizes. Each hour you pick one pile and read up to `pace` pages of
    it; if the pile has fewer pages left, the rest of the hour is lost. Return the smallest whole number `pace`
    with which all piles are read within `hours` hours. There are at least as many hours as piles."""
    pace = 1
    while sum((p + pace - 1) // pace for p in piles) > hours:
        pace += 1
    return pace


@task("hard", ([1, 2, 3, 4, 5], 2), ([7], 1), ([4, 4, 4], 3), ([10, 1, 1, 1], 2), ([2, 3, 1, 2], 2),
      ([1, 8, 1, 8, 1], 3), ([5, 5, 5, 5], 1), ([1, 9, 1], 3), ([2, 2, 7], 3), ([9, 1, 1], 2))
def smallest_largest_share(loads: list[int], trips: int) -> int:
    """The positive loads are carried in the given order in at most `trips` trips; each trip takes some of the
    next loads. Return the smallest possible weight of the heaviest trip, that is, the smallest limit that no trip
    has to exceed."""
    def trips_for(limit):
        count, weight = 1, 0
        for load in loads:
            if weight + load > limit:
                count, weight = count + 1, 0
            weight += load
        return count
    limit = max(loads)
    while trips_for(limit) > trips:
        limit += 1
    return limit


@task("hard", "cabinet table", "", "aaaa", "abcdef", "xyzzyxw", "abba", "mnnopqmr")
def longest_without_repeat(text: str) -> int:
    """Return the length of the longest piece of consecutive characters of `text` in which no character occurs
    twice."""
    best = start = 0
    last = {}
    for i, c in enumerate(text):
        if c in last and last[c] >= start:
            start = last[c] + 1
        last[c] = i
        best = max(best, i - start + 1)
    return best


@task("medium", ([1, 8, 3, 9], 10), ([], 5), ([2, 2, 2], 3), ([5, 1], 6), ([4, 6, 5], 9), ([-1, -2, 8], 0),
      ([7, 7, 7, 7], 14))
def count_light_pairs(weights: list[int], limit: int) -> int:
    """Return how many pairs of places i < j have a sum `weights[i] + weights[j]` of at most `limit`."""
    return sum(1 for j in range(len(weights)) for i in range(j) if weights[i] + weights[j] <= limit)


@task("easy", ([1, 2, 3], 2), ([], 1), ([5, 5], 5), ([1, 2, 3], 4), ([-1, 0], 0), ([10], 1))
def contains_number(numbers: list[int], target: int) -> bool:
    """Return True if `target` is in the list, else False."""
    return target in numbers


@task("easy", [3, 1, 2], [5], [2, 2, 1, 1], [-1, -9, 4], [0, 7, 0], [8, 6, 7, 5])
def index_of_smallest(numbers: list[int]) -> int:
    """Return the index of the smallest number of the non-empty list; if it occurs several times, the first index."""
    return numbers.index(min(numbers))


@task("easy", (["apple", "bob", "cat"], "b"), ([], "x"), (["ant", "art", "bed"], "a"), (["dog"], "d"),
      (["x", "y"], "z"), (["Ann", "amy"], "a"))
def words_starting_with(words: list[str], letter: str) -> list[str]:
    """Return the words that start with the character `letter`, in their order. Upper and lower case are
    different. No word is empty."""
    return [w for w in words if w[0] == letter]
