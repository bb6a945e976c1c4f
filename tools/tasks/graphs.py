from . import Topic

task = Topic("graphs", split="train")


@task("easy", ([[0, 1], [1, 2]], 1), ([], 0), ([[0, 1]], 2), ([[3, 4], [4, 5], [4, 6]], 4),
      ([[1, 2], [2, 3], [3, 1]], 3), ([[0, 5], [5, 0]], 5))
def count_roads(roads: list[list[int]], town: int) -> int:
    """Each road `[a, b]` joins two different towns. Return how many of the roads start or end at `town`."""
    return sum(1 for a, b in roads if town in (a, b))


@task("easy", {"a": ["b", "c"], "b": [], "c": ["a"]}, {}, {"x": []}, {"p": ["p"]}, {"m": ["n"], "n": ["m"]},
      {"a": ["b", "c", "d"], "b": ["d"], "c": [], "d": []})
def count_links(graph: dict[str, list[str]]) -> int:
    """The dictionary gives for each page the list of pages it links to. Return the total number of links."""
    return sum(len(targets) for targets in graph.values())


@task("medium", (4, [[0, 1], [2, 3]]), (1, []), (3, []), (3, [[0, 1], [1, 2]]), (5, [[0, 1], [1, 2], [2, 0], [3, 4]]),
      (2, [[0, 1], [1, 0]]), (6, [[5, 0], [4, 1], [0, 4]]))
def count_groups(people: int, friends: list[list[int]]) -> int:
    """The people are numbered from 0 to `people` - 1, and each pair in `friends` are friends. Two people belong
    to the same group if they are friends or are joined by a chain of friends. Return the number of groups;
    someone without friends is a group alone."""
    group = list(range(people))
    for a, b in friends:
        old, new = group[a], group[b]
        group = [new if g == old else g for g in group]
    return len(set(group))


@task("medium", ({"a": ["b"], "b": ["c"], "c": []}, "a"), ({"x": []}, "x"), ({"a": ["b"], "b": ["a"]}, "b"),
      ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": [], "e": ["a"]}, "a"), ({"a": ["a"]}, "a"),
      ({"p": [], "q": ["p"], "r": ["q", "p"]}, "r"))
def reachable_from(graph: dict[str, list[str]], start: str) -> list[str]:
    """The dictionary gives for each page the pages it links to. Return all pages that can be reached from `start`
    by following links, `start` itself included, in alphabetical order."""
    seen, todo = {start}, [start]
    while todo:
        for target in graph[todo.pop()]:
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return sorted(seen)


@task("medium", ([[0, 1], [1, 2], [0, 3]], 0, 2), ([], 5, 5), ([[0, 1]], 0, 2),
      ([[1, 2], [2, 3], [3, 4], [1, 4]], 1, 3), ([[0, 1], [1, 2], [2, 3], [3, 0], [1, 3]], 2, 0),
      ([[7, 8], [8, 9]], 9, 7), ([[1, 2], [3, 4]], 1, 4), ([[1, 2], [2, 3]], 1, 9))
def fewest_roads(roads: list[list[int]], start: int, goal: int) -> int:
    """Each road `[a, b]` can be used in both directions. Return the smallest number of roads on a way from
    `start` to `goal`, 0 if they are equal, and -1 if there is no way."""
    seen, border, count = {start}, [start], 0
    while border:
        if goal in border:
            return count
        reached = []
        for town in border:
            for a, b in roads:
                for here, there in ((a, b), (b, a)):
                    if here == town and there not in seen:
                        seen.add(there)
                        reached.append(there)
        border, count = reached, count + 1
    return -1


@task("medium", {"tom": "ann", "ann": "eve"}, {}, {"x": "y"}, {"a": "r", "b": "r", "c": "a", "d": "c"},
      {"p": "q", "q": "s", "s": "t", "u": "q"}, {"m": "z", "n": "z"})
def longest_chain(boss_of: dict[str, str]) -> int:
    """The dictionary gives for each employee the name of the direct boss; who is no key has no boss, and nobody
    is above himself. Return the largest number of people on a chain from an employee up to the top, both ends
    included. The empty dictionary gives 0."""
    best = 0
    for person in boss_of:
        length = 1
        while person in boss_of:
            person = boss_of[person]
            length += 1
        best = max(best, length)
    return best


@task("medium", ({"kim": "lee", "lee": "max"}, "kim", "max"), ({}, "a", "b"), ({"a": "b"}, "b", "a"),
      ({"a": "b", "b": "c", "c": "d"}, "b", "d"), ({"a": "c", "b": "c"}, "a", "b"), ({"p": "q"}, "p", "p"))
def is_ancestor(parent_of: dict[str, str], person: str, other: str) -> bool:
    """The dictionary gives for a person the one known parent. Return True if `other` is the parent of `person`,
    the parent of that parent, or further up the same line; otherwise False. Nobody is an ancestor of himself."""
    while person in parent_of:
        person = parent_of[person]
        if person == other:
            return True
    return False


@task("hard", {"c": ["a", "b"], "a": [], "b": ["a"]}, {}, {"x": []}, {"z": [], "y": [], "x": ["z"]},
      {"a": ["b"], "b": ["a"]}, {"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": []}, {"m": ["k"], "k": [], "l": ["k"]},
      {"q": ["q"], "p": []})
def build_order(needs: dict[str, list[str]]) -> list[str]:
    """The dictionary gives for each part the parts that must be built before it. Build one part after another:
    always the alphabetically first part that is not built yet and whose needs are all built. Return the parts in
    the order of building. If at some point no part can be built but some are left, return the empty list."""
    built = []
    while len(built) < len(needs):
        ready = sorted(p for p in needs if p not in built and all(n in built for n in needs[p]))
        if not ready:
            return []
        built.append(ready[0])
    return built


@task("hard", {"a": ["b"], "b": ["c"], "c": ["a"]}, {}, {"a": ["b"], "b": []}, {"x": ["x"]},
      {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, {"p": ["q"], "q": ["r"], "r": ["q"]}, {"m": [], "n": ["m"]})
def has_cycle(graph: dict[str, list[str]]) -> bool:
    """The dictionary gives for each page the pages it links to. Return True if one can start at some page, follow
    one or more links, and come back to the same page; otherwise return False."""
    for start in graph:
        seen, todo = set(), list(graph[start])
        while todo:
            page = todo.pop()
            if page == start:
                return True
            if page not in seen:
                seen.add(page)
                todo += graph[page]
    return False


@task("hard", ([["A", "B", 5], ["B", "C", 2], ["A", "C", 9]], "A", "C"), ([], "X", "X"), ([["A", "B", 4]], "B", "A"),
      ([["A", "B", 1]], "A", "Z"), ([["A", "B", 1], ["B", "C", 1], ["C", "D", 1], ["A", "D", 4]], "A", "D"),
      ([["P", "Q", 3], ["Q", "R", 3], ["P", "R", 6]], "P", "R"), ([["A", "B", 7], ["A", "B", 2]], "A", "B"))
def cheapest_fare(lines: list[list], start: str, goal: str) -> int:
    """Each line `[a, b, price]` takes you between the stations a and b, in both directions, for a price that is a
    positive integer. Return the smallest total price of a trip from `start` to `goal`, 0 if they are equal, and
    -1 if there is no way."""
    price = {start: 0}
    for _ in range(len(lines) + 1):
        for a, b, p in lines:
            for here, there in ((a, b), (b, a)):
                if here in price and price[here] + p < price.get(there, price[here] + p + 1):
                    price[there] = price[here] + p
    return price.get(goal, -1)


@task("hard", (3, [[0, 1], [1, 2]]), (1, []), (3, [[0, 1], [1, 2], [2, 0]]), (2, []),
      (4, [[0, 1], [1, 2], [2, 3], [3, 0]]), (5, [[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]]),
      (4, [[0, 1], [0, 2], [0, 3], [2, 3]]), (3, [[0, 1], [0, 2], [1, 2]]), (4, [[1, 0], [2, 1], [3, 2]]),
      (5, [[0, 1], [1, 2], [3, 4]]))
def can_split_in_two_teams(people: int, rivals: list[list[int]]) -> bool:
    """The people are numbered from 0 to `people` - 1, and each pair in `rivals` are rivals. Return True if the
    people can be divided into two teams (one may be empty) so that no two rivals are in the same team, else
    False."""
    team = {}
    for start in range(people):
        if start in team:
            continue
        team[start] = 0
        todo = [start]
        while todo:
            person = todo.pop()
            for a, b in rivals:
                for one, other in ((a, b), (b, a)):
                    if one == person:
                        if other not in team:
                            team[other] = 1 - team[one]
                            todo.append(other)
                        elif team[other] == team[one]:
                            return False
    return True


@task("easy", {"ann": ["bob"], "bob": ["ann", "cy"], "cy": []}, {}, {"x": ["y", "z"]}, {"a": [], "b": []},
      {"p": ["q"], "q": ["p"], "r": ["p", "q"]}, {"k": ["k"]}, show=1)
def friend_counts(friends: dict[str, list[str]]) -> dict[str, int]:
    """The dictionary gives for each person the list of friends. Return a dictionary from each person to the
    number of friends."""
    return {person: len(names) for person, names in friends.items()}


@task("easy", ([[0, 1], [1, 2]], 0, 1), ([], 1, 2), ([[0, 1]], 1, 0), ([[3, 4]], 3, 5), ([[1, 2], [2, 3]], 1, 3),
      ([[5, 6], [6, 5]], 6, 5))
def has_direct_road(roads: list[list[int]], a: int, b: int) -> bool:
    """Each road `[x, y]` joins two towns in both directions. Return True if some road joins `a` and `b` directly,
    else False."""
    return [a, b] in roads or [b, a] in roads
