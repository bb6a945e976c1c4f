from . import Topic

task = Topic("grids", split="train")


@task("easy", (["..#", "#.#"], "#"), ([], "x"), (["abc"], "z"), (["aa", "aa"], "a"), (["x", "y", "x"], "x"),
      (["#"], "."))
def count_cells(grid: list[str], mark: str) -> int:
    """Each string is one row of a grid. Return how many cells hold the character `mark`."""
    return sum(row.count(mark) for row in grid)


@task("easy", (["..#", "#.."], "#"), (["ab", "cd"], "d"), (["ab"], "x"), (["xx", "xx"], "x"),
      (["...", "...", ".o."], "o"), (["q"], "q"))
def find_mark(grid: list[str], mark: str) -> list[int]:
    """Each string is one row of a grid. Search row by row from the top, each row from the left, and return `[row,
    column]` of the first cell that holds `mark`, both counted from 0. Return `[-1, -1]` if there is none."""
    for r, row in enumerate(grid):
        for c, cell in enumerate(row):
            if cell == mark:
                return [r, c]
    return [-1, -1]


@task("easy", ["ab", "cd"], ["abc"], ["a", "b", "c"], ["x"], ["123", "456"], ["..", "#.", ".#"])
def columns_of(grid: list[str]) -> list[str]:
    """Each string is one row of a grid with at least one cell; all rows have the same length. Return the columns
    from left to right, each read from top to bottom."""
    return ["".join(column) for column in zip(*grid)]


@task("medium", (3, 0, 0), (3, 1, 1), (1, 0, 0), (3, 0, 1), (4, 3, 3), (2, 1, 0), (5, 4, 2))
def neighbours_of(size: int, row: int, column: int) -> list[list[int]]:
    """A board has `size` rows and `size` columns, counted from 0. Return the cells that share an edge with the
    given cell and lie on the board, as `[row, column]` in the order up, down, left, right."""
    steps = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    return [[row + dr, column + dc] for dr, dc in steps if 0 <= row + dr < size and 0 <= column + dc < size]


@task("medium", ["*..", "...", "..*"], ["*"], ["."], ["***"], ["*.*", "...", "*.*"], ["..", ".."], ["**", ".."])
def mine_counts(field: list[str]) -> list[str]:
    """Each string is one row of a field in which `*` is a mine and `.` is free; all rows have the same length.
    Return the field with each free cell replaced by the digit that says how many of its up to eight neighbours
    (diagonal ones included) are mines. Mines stay."""
    out = []
    for r, row in enumerate(field):
        line = ""
        for c, cell in enumerate(row):
            if cell == "*":
                line += "*"
            else:
                near = [field[i][c2] for i in range(max(0, r - 1), min(len(field), r + 2))
                        for c2 in range(max(0, c - 1), min(len(row), c + 2))]
                line += str(near.count("*"))
        out.append(line)
    return out


@task("medium", "RRUL", "", "UDLR", "RRRR", "DDDL", "UUUURR", "LLDD")
def walk_distance(moves: str) -> int:
    """A robot starts at a point of a grid and makes one step for each letter: U up, D down, L left, R right.
    Return the smallest number of steps that bring it back to the start from where it ends."""
    x = moves.count("R") - moves.count("L")
    y = moves.count("U") - moves.count("D")
    return abs(x) + abs(y)


@task("medium", "RRLL", "", "RULD", "UUU", "RLRLRL", "DRUL", "URDDLL")
def visited_cells(moves: str) -> int:
    """A robot starts on a cell of an endless grid and makes one step for each letter: U up, D down, L left, R
    right. Return how many different cells it has been on, the first one included."""
    x = y = 0
    seen = {(0, 0)}
    for m in moves:
        x += (m == "R") - (m == "L")
        y += (m == "U") - (m == "D")
        seen.add((x, y))
    return len(seen)


@task("medium", ["##.", "...", ".##"], ["."], ["#"], [], ["#.#.#"], ["###", "#.#", "###"], ["#.", ".#"],
      ["#.#", "###", "..#"])
def count_islands(grid: list[str]) -> int:
    """Each string is one row of a map in which `#` is land and `.` is water. Two land cells belong to the same
    island if one can walk from one to the other over land cells that share an edge. Return the number of islands."""
    land = {(r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if cell == "#"}
    islands = 0
    while land:
        islands += 1
        todo = [land.pop()]
        while todo:
            r, c = todo.pop()
            for near in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if near in land:
                    land.remove(near)
                    todo.append(near)
    return islands


@task("hard", ["S.#", "..#", "#.E"], ["SE"], ["S#E"], ["S..", "##.", "E.."], ["E.S"], ["S.", "..", "E."],
      ["S#.", ".#E", "..."], ["S..", "###", "..E"])
def maze_steps(maze: list[str]) -> int:
    """Each string is one row of a maze with one start S and one end E; `#` is a wall and `.` is free. A step goes
    to a cell that shares an edge and is no wall. Return the smallest number of steps from S to E, or -1 if there
    is no way."""
    cells = {(r, c): cell for r, row in enumerate(maze) for c, cell in enumerate(row) if cell != "#"}
    start = next(p for p, cell in cells.items() if cell == "S")
    border, seen, steps = [start], {start}, 0
    while border:
        reached = []
        for r, c in border:
            if cells[r, c] == "E":
                return steps
            for near in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if near in cells and near not in seen:
                    seen.add(near)
                    reached.append(near)
        border, steps = reached, steps + 1
    return -1


@task("hard", ["...", "###", "..."], ["."], ["#"], ["##", "##"], ["#..", ".#.", "..#"], [".#.", ".##", "..."],
      ["....", ".##.", ".##.", "...."])
def life_step(grid: list[str]) -> list[str]:
    """Each string is one row of a board of cells that are alive (`#`) or dead (`.`). In the next generation a
    cell is alive if it now has exactly three living neighbours among the up to eight around it, or if it is alive
    now and has exactly two. There are no cells outside the board. Return the next generation."""
    height, width = len(grid), len(grid[0])
    out = []
    for r in range(height):
        line = ""
        for c in range(width):
            alive = 0
            for i in range(max(0, r - 1), min(height, r + 2)):
                for j in range(max(0, c - 1), min(width, c + 2)):
                    if (i, j) != (r, c) and grid[i][j] == "#":
                        alive += 1
            line += "#" if alive == 3 or (alive == 2 and grid[r][c] == "#") else "."
        out.append(line)
    return out


@task("hard", [[2, 1, 4], [3, 8, 1], [1, 2, 2]], [[7]], [[1, 2, 3]], [[1], [2], [3]], [[0, 9], [0, 0]],
      [[5, 1, 1], [5, 9, 1], [5, 9, 1]], [[1, 2], [1, 1]], [[1, 5, 9], [1, 5, 9], [1, 1, 1]],
      [[1, 1], [9, 1], [9, 1]], [[3, 0], [0, 0]])
def cheapest_way(costs: list[list[int]]) -> int:
    """The table holds the cost of entering each cell. Start in the top left cell and go to the bottom right cell;
    each step goes one cell down or one cell to the right. Return the smallest sum of the costs of all cells on
    the way, the first and the last cell included."""
    best = []
    for r, row in enumerate(costs):
        new = []
        for c, cost in enumerate(row):
            before = ([best[c]] if r else []) + ([new[c - 1]] if c else [])
            new.append(cost + min(before, default=0))
        best = new
    return best[-1]


@task("medium", ["#.#", "###"], ["."], ["#"], [], ["##", "##"], ["###"], [".#.", "###", ".#."], ["##."], ["#", "#"],
      ["##", "#."])
def coast_length(grid: list[str]) -> int:
    """Each string is one row of a map in which `#` is land and `.` is water; outside the map there is water.
    Return the total number of edges of land cells that border on water."""
    land = {(r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if cell == "#"}
    return sum(1 for r, c in land for near in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)) if near not in land)


@task("easy", (2, 3), (1, 1), (3, 0), (0, 4), (4, 2), (1, 5))
def zero_grid(rows: int, columns: int) -> list[list[int]]:
    """Return a list of `rows` lists, each of them with `columns` zeros."""
    return [[0] * columns for _ in range(rows)]


@task("easy", [[1, 2], [3, 4]], [[5]], [[0, 0, 0]], [[-1], [1]], [[10, 20], [30, 40], [50, 60]], [[7, -7], [3, 3]])
def grid_total(grid: list[list[int]]) -> int:
    """Return the sum of all numbers in the grid, which is a list of rows."""
    return sum(sum(row) for row in grid)


@task("easy", [[1, 9], [3, 4]], [[5]], [[-3, -8]], [[0], [0]], [[2, 2, 7], [7, 1, 0]], [[100, 1], [1, 101]])
def grid_maximum(grid: list[list[int]]) -> int:
    """Return the largest number in the grid, which is a non-empty list of non-empty rows."""
    return max(max(row) for row in grid)
