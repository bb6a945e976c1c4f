from . import Topic

task = Topic("intervals", split="train")


@task("easy", ([1, 5], [4, 8]), ([1, 2], [3, 4]), ([1, 3], [3, 5]), ([0, 10], [4, 5]), ([6, 9], [1, 7]),
      ([2, 2], [2, 2]), ([5, 6], [1, 4]))
def ranges_meet(first: list[int], second: list[int]) -> bool:
    """Each range `[start, end]` holds all integers from start to end, both included. Return True if the two
    ranges have at least one integer in common, else False."""
    return first[0] <= second[1] and second[0] <= first[1]


@task("easy", [[1, 4], [6, 7]], [], [[5, 5]], [[0, 9], [20, 29]], [[-3, -1]], [[1, 1], [2, 2], [3, 3]])
def total_length(ranges: list[list[int]]) -> int:
    """Each range `[start, end]` holds all integers from start to end, both included; the ranges do not meet each
    other. Return how many integers they hold together."""
    return sum(end - start + 1 for start, end in ranges)


@task("easy", ([[1, 4], [6, 7]], 6), ([], 3), ([[1, 4]], 4), ([[1, 4]], 5), ([[2, 2], [9, 12]], 1),
      ([[5, 8], [1, 6]], 5))
def covering_count(ranges: list[list[int]], point: int) -> int:
    """Each range `[start, end]` holds all integers from start to end, both included. Return how many of the
    ranges hold `point`."""
    return sum(1 for start, end in ranges if start <= point <= end)


@task("medium", [[2, 5], [4, 9], [11, 12]], [], [[1, 4], [4, 5]], [[5, 6], [1, 2]], [[1, 10], [2, 3], [4, 5]],
      [[1, 2], [3, 4]], [[7, 7]], [[2, 3], [1, 9], [9, 12]], [[1, 2], [5, 6], [6, 8]], [[1, 2], [5, 9], [6, 7]],
      [[0, 9], [20, 22], [21, 30], [40, 41]], [[1, 3], [6, 7], [2, 4]])
def merge_ranges(ranges: list[list[int]]) -> list[list[int]]:
    """Each range `[start, end]` is a stretch of a line from start to end. Merge all ranges that overlap or touch
    (the end of one equals the start of another) and return the merged ranges in increasing order."""
    out = []
    for start, end in sorted(ranges):
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return out


@task("medium", ([1, 5], [3, 8]), ([1, 2], [5, 6]), ([1, 3], [3, 4]), ([0, 10], [2, 4]), ([4, 9], [1, 20]),
      ([6, 8], [1, 7]))
def common_part(first: list[int], second: list[int]) -> list[int]:
    """Each range `[start, end]` holds all integers from start to end, both included. Return the range of all
    integers that lie in both, or the empty list if there are none."""
    start, end = max(first[0], second[0]), min(first[1], second[1])
    return [start, end] if start <= end else []


@task("medium", ([[2, 4], [6, 8]], 0, 10), ([], 1, 3), ([[0, 5]], 0, 5), ([[1, 2]], 0, 2), ([[3, 3]], 1, 5),
      ([[1, 2], [3, 4]], 1, 6), ([[1, 4], [3, 5]], 0, 9), ([[1, 4]], 0, 5), ([[2, 8]], 2, 9), ([[0, 0]], 0, 1))
def free_ranges(busy: list[list[int]], low: int, high: int) -> list[list[int]]:
    """Each busy range `[start, end]` holds all integers from start to end, both included; the ranges are sorted
    by their start, may overlap, and lie between `low` and `high`. Return the free ranges between `low` and `high`
    (both included) in increasing order, each as long as possible."""
    out, nxt = [], low
    for start, end in busy:
        if start > nxt:
            out.append([nxt, start - 1])
        nxt = max(nxt, end + 1)
    if nxt <= high:
        out.append([nxt, high])
    return out


@task("medium", [[0, 20], [3, 8], [9, 12]], [], [[1, 2], [2, 3]], [[1, 5], [2, 6], [3, 7]], [[4, 9]],
      [[1, 10], [2, 3], [4, 5], [6, 7]], [[3, 4], [1, 2]], [[1, 9], [1, 2], [3, 4], [3, 5]])
def rooms_needed(meetings: list[list[int]]) -> int:
    """Each meeting `[start, end]` uses a room from start up to, but not including, end, with start < end. Return
    the smallest number of rooms for all meetings."""
    events = sorted([(s, 1) for s, e in meetings] + [(e, -1) for s, e in meetings])
    best = now = 0
    for _, change in events:
        now += change
        best = max(best, now)
    return best


@task("medium", [[1, 3], [2, 4], [3, 5]], [], [[1, 10], [2, 3], [4, 5]], [[1, 2]], [[1, 2], [1, 2]],
      [[5, 7], [1, 6], [7, 8]], [[0, 2], [2, 4], [4, 6]])
def most_meetings(meetings: list[list[int]]) -> int:
    """Each meeting `[start, end]` lasts from start up to, but not including, end, with start < end. Return the
    largest number of meetings that one person can attend completely, one after another."""
    count, free_at = 0, None
    for end, start in sorted((e, s) for s, e in meetings):
        if free_at is None or start >= free_at:
            count, free_at = count + 1, end
    return count


@task("medium", ([[1, 2], [5, 6]], [3, 4]), ([], [1, 2]), ([[1, 5]], [5, 9]), ([[1, 5]], [6, 9]),
      ([[1, 2], [8, 9]], [2, 8]), ([[4, 6]], [1, 3]), ([[4, 6], [10, 12]], [5, 5]), ([[5, 8]], [1, 5]),
      ([[3, 4]], [1, 5]), ([[5, 8]], [2, 4]), ([[1, 3], [7, 9]], [4, 6]))
def can_book(booked: list[list[int]], wanted: list[int]) -> bool:
    """Each range `[first, last]` books a place for all days from first to last, both included. Return True if the
    wanted range shares no day with any booked range, else False."""
    return all(wanted[1] < first or last < wanted[0] for first, last in booked)


@task("hard", ([[1, 5], [10, 12]], [[3, 11]]), ([], [[1, 2]]), ([[1, 2]], [[3, 4]]),
      ([[0, 9]], [[1, 2], [4, 4], [8, 12]]), ([[1, 3]], [[3, 5]]), ([[1, 4], [6, 9]], [[2, 7]]),
      ([[5, 8]], [[1, 20]]))
def common_ranges(first: list[list[int]], second: list[list[int]]) -> list[list[int]]:
    """Each range `[start, end]` holds all integers from start to end, both included. In each of the two lists the
    ranges are in increasing order and do not meet each other. Return, in increasing order, the parts that a range
    of `first` and a range of `second` have in common."""
    out = []
    for a, b in first:
        for c, d in second:
            if max(a, c) <= min(b, d):
                out.append([max(a, c), min(b, d)])
    return out


@task("hard", ([1, 9], [[3, 4]]), ([1, 3], []), ([1, 3], [[0, 5]]), ([2, 6], [[2, 2], [6, 6]]),
      ([0, 10], [[2, 3], [5, 12]]), ([5, 8], [[1, 5]]), ([5, 8], [[6, 7], [7, 7]]))
def subtract_ranges(whole: list[int], holes: list[list[int]]) -> list[list[int]]:
    """Each range `[start, end]` holds all integers from start to end, both included. Return the ranges that are
    left of `whole` when all integers of the holes are taken out, in increasing order and each as long as
    possible. The holes come in any order and may overlap or stick out."""
    out = []
    for n in range(whole[0], whole[1] + 1):
        if not any(a <= n <= b for a, b in holes):
            if out and out[-1][1] == n - 1:
                out[-1][1] = n
            else:
                out.append([n, n])
    return out


@task("hard", [[1, 5], [2, 3], [4, 7]], [], [[1, 1]], [[1, 2], [3, 4]], [[0, 4], [2, 8], [3, 3], [8, 9]],
      [[5, 6], [6, 7]], [[-4, -1], [-2, 5]], [[4, 9], [2, 5], [1, 2]], [[6, 7], [2, 3], [7, 9], [3, 6]], [[-3, -3]],
      [[5, 9], [1, 2]])
def busiest_point(ranges: list[list[int]]) -> int:
    """Each range `[start, end]` holds all integers from start to end, both included. Return the smallest integer
    that lies in as many ranges as possible. Without any range return 0."""
    best, best_count = 0, 0
    for point in sorted(start for start, end in ranges):
        count = sum(1 for start, end in ranges if start <= point <= end)
        if count > best_count:
            best, best_count = point, count
    return best


@task("easy", ([2, 5], 3), ([2, 5], 5), ([2, 5], 6), ([2, 5], 1), ([0, 0], 0), ([-3, -1], -2))
def in_range(interval: list[int], number: int) -> bool:
    """The interval `[start, end]` holds all integers from start to end, both included. Return True if it holds
    `number`, else False."""
    return interval[0] <= number <= interval[1]


@task("easy", [[1, 4], [2, 9]], [[5, 5]], [[3, 4], [0, 1]], [[-2, 2], [-5, -4]], [[1, 10], [2, 3]],
      [[0, 7], [0, 8], [1, 3]])
def overall_range(ranges: list[list[int]]) -> list[int]:
    """Return `[smallest start, largest end]` over all ranges `[start, end]` of the non-empty list."""
    return [min(r[0] for r in ranges), max(r[1] for r in ranges)]
