from . import Topic

task = Topic("queues", split="validation")


@task("easy", ([1, 2, 3], 4), ([], 1), ([5], 5), ([9, 8], 0), ([1, 1, 1], 2), ([0, -1], -2))
def push_and_drop(queue: list[int], item: int) -> list[int]:
    """A queue is given from front to back. Return the queue after `item` was added at the back and then the front
    item was removed."""
    return (queue + [item])[1:]


@task("easy", ["join ann", "join bob", "serve"], [], ["serve"], ["join x"], ["join a", "serve", "serve", "join b"],
      ["join p", "join q", "serve", "join r", "serve"], ["join a", "join b", "join c", "serve"])
def queue_after(events: list[str]) -> list[str]:
    """A queue of people is empty at first. `join NAME` puts the person at the back; `serve` removes the person at
    the front and does nothing if the queue is empty. Return the queue at the end from front to back."""
    queue = []
    for e in events:
        if e == "serve":
            queue = queue[1:]
        else:
            queue.append(e.split()[1])
    return queue


@task("easy", ([3, 1, 2], 2), ([], 3), ([5, 6], 0), ([1], 4), ([7, 8, 9, 10], 5), ([4, 5, 6], 3))
def move_front_to_back(queue: list[int], times: int) -> list[int]:
    """A queue is given from front to back. `times` times, the front item is removed and added at the back. Return
    the queue after that; the empty queue stays empty."""
    if not queue:
        return []
    times %= len(queue)
    return queue[times:] + queue[:times]


@task("medium", ([5, 3, 8], 2), ([], 2), ([4], 3), ([2, 2, 2], 2), ([7, 1, 1, 1], 3), ([1, 2, 3, 4], 1),
      ([10, 9, 1, 1, 1], 2))
def checkout_time(customers: list[int], tills: int) -> int:
    """Customers wait in one line; customer i needs `customers[i]` minutes at a till. There are `tills` tills (at
    least 1), and whenever a till is free, the next customer in the line goes to it at once. Return after how many
    minutes all customers are done."""
    free = [0] * tills
    for c in customers:
        i = free.index(min(free))
        free[i] += c
    return max(free)


@task("medium", ([2, 3, 1], 0), ([1], 0), ([1, 1, 1], 2), ([5, 2], 0), ([3, 1, 2], 1), ([2, 2, 2, 2], 3), ([4, 4], 1))
def ticket_seconds(tickets: list[int], place: int) -> int:
    """People stand in a line; person i wants to buy `tickets[i]` tickets (at least 1). The front person buys one
    ticket, which takes one second, and then goes to the back of the line, or leaves if no more tickets are
    wanted. Return how many seconds pass until the person at index `place` has bought all wanted tickets."""
    left, seconds = list(tickets), 0
    while True:
        for i in range(len(left)):
            if left[i]:
                left[i] -= 1
                seconds += 1
                if i == place and left[i] == 0:
                    return seconds


@task("medium", ([1, 3, 5], 3), ([], 5), ([1, 2, 3, 4], 10), ([0, 10, 20], 5), ([5, 5, 5], 1), ([1, 4, 6, 9], 3),
      ([2, 5], 3), ([0, 1, 2, 3], 1), ([1, 2, 3, 10, 11, 12, 13], 3), ([0, 3, 4, 5], 3))
def most_recent_calls(times: list[int], window: int) -> int:
    """`times` are the moments of calls, in increasing order. Return the largest number of calls that lie within
    `window` units of time of each other, that is, the last of them comes at most `window` units after the first."""
    best = start = 0
    for i, t in enumerate(times):
        while t - times[start] > window:
            start += 1
        best = max(best, i - start + 1)
    return best


@task("medium", [("b", 2), ("a", 5), ("c", 2)], [], [("x", 1)], [("p", 1), ("q", 1), ("r", 1)],
      [("low", 0), ("high", 9), ("mid", 4)], [("a", 3), ("b", 7), ("c", 3), ("d", 7)], show=1)
def serve_by_urgency(patients: list[tuple[str, int]]) -> list[str]:
    """Patients arrive in the given order, each as a name and an urgency. They are served in order of urgency, the
    largest first; patients of equal urgency are served in the order of arrival. Return the names in the order of
    serving."""
    return [name for name, urgency in sorted(patients, key=lambda p: -p[1])]


@task("medium", (["ann", "bob", "cy"], 4), (["x"], 1), (["x"], 5), (["a", "b"], 2), (["p", "q", "r", "s"], 7),
      (["m", "n", "o"], 1))
def who_is_next(line: list[str], turn: int) -> str:
    """The people of the non-empty list take turns in a circle in the order of the list: the first has turn 1.
    Return who has the turn with the given number."""
    return line[(turn - 1) % len(line)]


@task("medium", ([4, 2, 3], 3), ([1], 1), ([3, 3], 2), ([5], 2), ([2, 6, 4], 4), ([1, 1, 1], 5), ([7, 2], 3))
def finish_order(work: list[int], slice_time: int) -> list[int]:
    """Job i needs `work[i]` units of time (at least 1). The jobs wait in a queue in the order of their indices.
    The front job runs for `slice_time` units (at least 1), or shorter if it needs less; if it is not finished
    then, it goes to the back of the queue. Return the indices of the jobs in the order in which they finish."""
    queue, out = [[i, w] for i, w in enumerate(work)], []
    while queue:
        i, w = queue.pop(0)
        if w <= slice_time:
            out.append(i)
        else:
            queue.append([i, w - slice_time])
    return out


@task("hard", ([1, 5, 2], 2), ([7], 1), ([], 0), ([3, 1, 2], 3), ([9, 1, 9, 1], 1), ([4, 4, 8, 8, 2], 2),
      ([10, 20, 30], 2))
def best_of_ends(values: list[int], takes: int) -> int:
    """Take `takes` items from the list, one after another, each time either the one at the front or the one at
    the back. `takes` is at most the length of the list. Return the largest sum of the values taken."""
    options = []
    for front in range(takes + 1):
        back = takes - front
        options.append(sum(values[:front]) + sum(values[len(values) - back:]))
    return max(options)


@task("hard", [[0, 5], [1, 2]], [], [[3, 4]], [[0, 1], [5, 1]], [[0, 10], [0, 1], [0, 2]], [[1, 3], [2, 3], [9, 1]],
      [[2, 2], [4, 5], [4, 1]], [[0, 0], [0, 4], [3, 1]], [[5, 5], [6, 6], [20, 1]])
def waiting_times(customers: list[list[int]]) -> list[int]:
    """Each customer is `[arrival, duration]`, in the order of arrival; one clerk serves them in this order, one
    at a time, and starts with a customer as soon as the customer is there and the one before is done. Return for
    each customer how long it takes from the arrival to the start of the service."""
    out, free_at = [], 0
    for arrival, duration in customers:
        start = max(arrival, free_at)
        out.append(start - arrival)
        free_at = start + duration
    return out


@task("easy", ([1, 2, 3], 2), ([], 1), ([5], 0), ([4, 5], 5), ([9, 8, 7, 6], 1), ([1, 1, 2], 3))
def serve_first(queue: list[int], count: int) -> list[int]:
    """A queue is given from front to back. Return what is left after the first `count` items were removed (all of
    them, if there are fewer)."""
    return queue[count:]


@task("easy", (["ann", "bob"], "cy"), ([], "x"), (["a"], "a"), (["p", "q", "r"], "s"), (["m", "n"], ""), (["z"], "y"))
def join_queue(queue: list[str], name: str) -> list[str]:
    """A queue is given from front to back. Return the queue after `name` was added at the back."""
    return queue + [name]


@task("easy", (["ann", "bob", "cy"], "bob"), (["x"], "x"), (["a", "b"], "c"), ([], "q"), (["p", "q", "r"], "r"),
      (["m", "n", "m"], "m"))
def people_before(queue: list[str], name: str) -> int:
    """A queue is given from front to back. Return how many people stand before the first person with the given
    name, or -1 if nobody has it."""
    return queue.index(name) if name in queue else -1
