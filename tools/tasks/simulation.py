from . import Topic

task = Topic("simulation", split="train")


@task("easy", ([100, -30, -50], 0), ([], 5), ([-10], 5), ([20, -20], 0), ([-1, -1, 10], 1), ([5, -7, 3], 2),
      ([5, -8, 10], 2))
def account_dips(changes: list[int], start: int) -> bool:
    """An account holds `start` at first; the changes are then added one after another. Return True if it is below
    0 after at least one of the changes, else False."""
    balance = start
    for c in changes:
        balance += c
        if balance < 0:
            return True
    return False


@task("easy", (10, 3, 2), (5, 5, 1), (0, 3, 1), (1, 4, 3), (20, 5, 4), (3, 2, 0), (7, 3, 1))
def snail_days(depth: int, climb: int, slip: int) -> int:
    """A snail sits at the bottom of a well of `depth` metres. Each day it climbs `climb` metres, and if it is not
    out yet, it slips back `slip` metres in the night (slip is less than climb). Return on which day it gets out,
    counting from 1. A well of depth 0 takes 0 days."""
    height = day = 0
    while height < depth:
        day += 1
        height += climb
        if height < depth:
            height -= slip
    return day


@task("easy", (["up", "up", "down"], 0), ([], 3), (["down"], 0), (["up"], 9), (["down", "down", "up"], 1),
      (["up"] * 12, 5), (["up", "stay", "down"], 4))
def lift_floor(commands: list[str], floor: int) -> int:
    """A lift serves the floors 0 to 9 and starts at `floor`. The command `up` moves it one floor up and `down`
    one floor down; a command that would leave the floors 0 to 9, or any other command, does nothing. Return the
    floor at the end."""
    for c in commands:
        if c == "up" and floor < 9:
            floor += 1
        elif c == "down" and floor > 0:
            floor -= 1
    return floor


@task("medium", ["R", "P", "S"], ["R"], [], ["P", "P", "P"], ["S", "R", "R", "R"], ["R", "R", "P", "S", "S"],
      ["S", "S"])
def repeat_player_score(moves: list[str]) -> int:
    """Someone plays rock (R), paper (P), scissors (S) with the given moves. The other player starts with R and
    later always plays the move that the first one played in the round before. Rock beats scissors, scissors beats
    paper, paper beats rock. Return the number of rounds the first player wins minus the number of rounds the
    first player loses."""
    beats = {"R": "S", "S": "P", "P": "R"}
    score, other = 0, "R"
    for m in moves:
        if beats[m] == other:
            score += 1
        elif beats[other] == m:
            score -= 1
        other = m
    return score


@task("medium", (7, 3), (1, 5), (5, 2), (6, 1), (10, 4), (2, 2), (41, 3), (3, 1), (7, 7))
def last_in_circle(people: int, step: int) -> int:
    """The people 1 to `people` stand in a circle. Counting starts at person 1, and every `step`-th person leaves;
    the count goes on with the next person who is still there. Return who is left at the end."""
    circle, i = list(range(1, people + 1)), 0
    while len(circle) > 1:
        i = (i + step - 1) % len(circle)
        circle.pop(i)
    return circle[0]


@task("medium", (5, [2, 1, 2]), (3, []), (4, [4]), (1, [1, 1]), (6, [3, 3, 6, 1]), (3, [3, 2, 1]), (8, [8, 1, 8]))
def shelf_after_reading(books: int, read: list[int]) -> list[int]:
    """The books 1 to `books` stand on a shelf from left to right. Each time a book is read, it is put back at the
    left end. Return the order of the books on the shelf after all books in `read` were read one after another."""
    shelf = list(range(1, books + 1))
    for b in read:
        shelf.remove(b)
        shelf.insert(0, b)
    return shelf


@task("medium", (["A", "B", "A"], 2), ([], 1), (["A", "A", "A"], 1), (["A", "B", "C", "A"], 2),
      (["A", "B", "A", "C", "A", "B"], 2), (["X", "Y", "X"], 1), (["A", "B", "C", "B", "A"], 3))
def cache_misses(requests: list[str], capacity: int) -> int:
    """A store keeps at most `capacity` pages (at least 1) and is empty at first. A requested page that is not in
    the store is a miss and is put in; if the store is full, the page whose last request is longest ago is thrown
    out first. Return the number of misses."""
    store, misses = [], 0
    for page in requests:
        if page in store:
            store.remove(page)
        else:
            misses += 1
            if len(store) == capacity:
                store.pop(0)
        store.append(page)
    return misses


@task("medium", ([3, 0, 2], 2), ([], 5), ([1, 1, 1], 1), ([5], 3), ([0, 0, 4, 0], 1), ([2, 2, 2], 3), ([10, 0, 0], 4))
def waiting_after_hours(arrivals: list[int], served: int) -> int:
    """In hour i, `arrivals[i]` people join a waiting line, and then up to `served` people of the line are served
    in the same hour. Return how many people still wait after the last hour."""
    line = 0
    for a in arrivals:
        line = max(0, line + a - served)
    return line


@task("medium", (["N", "N", "E"], 0), ([], 4), (["W"], 1), (["E", "E", "E"], 2), (["S", "N", "S", "N"], 3),
      (["N", "E", "S", "W"], 10), (["N"] * 5, 3))
def fuel_position(route: list[str], fuel: int) -> list[int]:
    """A car starts at `[0, 0]` and follows the route: N adds 1 to the second coordinate, S subtracts 1 from it, E
    adds 1 to the first coordinate, W subtracts 1 from it. Each step uses one unit of fuel, and the car stops for
    good when the fuel is used up. Return the position at the end."""
    x = y = 0
    for step in route[:fuel]:
        x += (step == "E") - (step == "W")
        y += (step == "N") - (step == "S")
    return [x, y]


@task("hard", (5, 5), (1, 1), (6, 3), (10, 10), (8, 1), (4, 2), (9, 4))
def doors_open(doors: int, rounds: int) -> list[int]:
    """The doors 1 to `doors` are closed. In round k, for k = 1 to `rounds`, every door whose number is a multiple
    of k is opened if it is closed and closed if it is open. Return the numbers of the open doors at the end, in
    increasing order."""
    return [d for d in range(1, doors + 1) if sum(1 for k in range(1, rounds + 1) if d % k == 0) % 2 == 1]


@task("hard", (["set a 5", "add a 2", "add b a"], "b"), ([], "x"), (["set x 3", "set y x", "add y y"], "y"),
      (["add k -4"], "k"), (["set a 1", "set b 2", "add a b", "add b a"], "b"), (["set p 7", "set p q"], "p"),
      (["set m 2", "add m m", "add m m"], "m"))
def register_value(program: list[str], name: str) -> int:
    """A machine has registers with lowercase names, all 0 at first. `set R V` puts V into register R, and `add R
    V` adds V to it; V is either a whole number or the name of a register, whose value is taken. The lines run
    once, in order. Return the value of the register `name` at the end."""
    registers = {}
    for line in program:
        what, r, v = line.split()
        value = registers.get(v, 0) if v.isalpha() else int(v)
        registers[r] = value + (registers.get(r, 0) if what == "add" else 0)
    return registers.get(name, 0)


@task("hard", (["4S", "9S"], ["7H", "2D"]), ([], []), (["5C"], ["5D"]), (["9H", "3C", "8D"], ["2H", "4C", "8S"]),
      (["2C", "9C"], ["3C", "4C"]), (["6S", "6S"], ["6H", "1H"]), (["5C", "5D", "9H"], ["5S", "5H", "2C"]),
      (["1C", "7D"], ["1S", "8D"]), (["3C", "4D", "4H", "6S"], ["2C", "4S", "4D", "7H"]),
      (["5C", "1C", "9C"], ["5D", "2C", "1C"]))
def card_rounds(first: list[str], second: list[str]) -> list[int]:
    """Two players turn over their cards one by one, in the order of their equally long lists. A card is a digit
    from 1 to 9 followed by a letter for its suit; only the digit counts. The higher digit wins the round and 1
    point, plus 1 more point for every undecided round directly before it. Return `[points of the first, points of
    the second]`; undecided rounds at the end give no points."""
    points, pot = [0, 0], 1
    for a, b in zip(first, second):
        if a[0] == b[0]:
            pot += 1
        else:
            points[0 if a[0] > b[0] else 1] += pot
            pot = 1
    return points


@task("medium", "BBB", "", "B", "BCBD", "DDD", "BDBDB", "CCCB", "BBBBB", "BBD", "BBC", "BBBD", "BBDD")
def lamp_state(presses: str) -> list[int]:
    """A lamp is off (brightness 0) at first and has the levels 0 to 3. Button B makes it one level brighter, but
    from 3 it goes back to 0; button D makes it one level darker, but not below 0; button C switches it off.
    Return the list of the levels after each press."""
    level, out = 0, []
    for p in presses:
        if p == "B":
            level = (level + 1) % 4
        elif p == "D":
            level = max(0, level - 1)
        else:
            level = 0
        out.append(level)
    return out


@task("easy", [3, -1, 4], [], [0, 0], [-5], [10, -10, 7], [1, 2, 3, 4])
def final_balance(changes: list[int]) -> int:
    """An account holds 100 at first, and the changes are added one after another. Return what it holds at the
    end."""
    return 100 + sum(changes)


@task("easy", (10, 2), (7, 3), (1, 1), (0, 4), (20, 7), (5, 10))
def days_to_eat(apples: int, per_day: int) -> int:
    """Every day `per_day` apples are eaten (at least 1), and on the last day possibly fewer. Return after how
    many days all `apples` apples are eaten. For 0 apples it is 0."""
    days = 0
    while apples > 0:
        apples -= per_day
        days += 1
    return days


@task("easy", ["win", "loss", "draw"], [], ["win", "win"], ["loss"], ["draw", "draw", "draw"],
      ["win", "draw", "loss", "win"])
def league_points(results: list[str]) -> int:
    """A `win` gives 3 points, a `draw` 1 point and a `loss` none. Return the points for all results together."""
    return sum({"win": 3, "draw": 1, "loss": 0}[r] for r in results)
