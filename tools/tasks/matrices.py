from . import Topic

task = Topic("matrices", split="validation")


@task("easy", [[1, 2], [3, 4]], [[5]], [[1, 2, 3]], [[0, 0], [0, 0], [1, -1]], [[-5, 5], [2, 2]], [[10], [20], [30]])
def row_sums(matrix: list[list[int]]) -> list[int]:
    """Return the list of the sums of the rows of the matrix."""
    return [sum(row) for row in matrix]


@task("easy", [[1, 2], [3, 4]], [[5]], [[1, 2, 3]], [[1], [2]], [[0, 7, 1], [2, 0, 9]], [[4, 4], [4, 4], [1, 0]])
def transpose(matrix: list[list[int]]) -> list[list[int]]:
    """Return the matrix with rows and columns exchanged: the first row becomes the first column, and so on."""
    return [list(column) for column in zip(*matrix)]


@task("easy", [[1, 2], [3, 4]], [[7]], [[1, 0, 2], [0, 5, 0], [3, 0, -6]], [[0, 1], [1, 0]], [[-1, 9], [9, -1]],
      [[2, 1, 1], [1, 2, 1], [1, 1, 2]])
def diagonal_sum(matrix: list[list[int]]) -> int:
    """Return the sum of the numbers on the diagonal from the top left to the bottom right of the square matrix."""
    return sum(row[i] for i, row in enumerate(matrix))


@task("easy", 3, 1, 2, 0, 4, 5)
def identity_matrix(size: int) -> list[list[int]]:
    """Return the matrix with `size` rows and `size` columns that has 1 on the diagonal from the top left to the
    bottom right and 0 everywhere else. For size 0 return the empty list."""
    return [[1 if r == c else 0 for c in range(size)] for r in range(size)]


@task("medium", ([[1, 2], [3, 4]], [[5, 6], [7, 8]]), ([[2]], [[3]]), ([[1, 2, 3]], [[1], [2], [3]]),
      ([[1], [2]], [[3, 4]]), ([[0, 1], [1, 0]], [[9, 8], [7, 6]]), ([[-1, 2]], [[3, 0], [1, -1]]))
def multiply_matrices(left: list[list[int]], right: list[list[int]]) -> list[list[int]]:
    """Return the matrix product of `left` and `right`: the number in row i and column j is the sum over k of
    `left[i][k]` times `right[k][j]`. `left` has as many columns as `right` has rows."""
    return [[sum(a * b for a, b in zip(row, column)) for column in zip(*right)] for row in left]


@task("medium", [[1, 2], [3, 4]], [[5]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 2, 3]], [[1], [2]],
      [[1, 2], [3, 4], [5, 6]])
def quarter_turn(matrix: list[list[int]]) -> list[list[int]]:
    """Return the matrix turned clockwise by a quarter turn: its first column, read from bottom to top, becomes
    the first row."""
    return [list(row) for row in zip(*matrix[::-1])]


@task("medium", [[1, 2], [2, 1]], [[1, 2], [3, 1]], [[5]], [[1, 2, 3], [2, 4, 5], [3, 5, 6]],
      [[0, 1, 0], [1, 0, 1], [1, 1, 0]], [[7, 7], [7, 7]])
def is_symmetric(matrix: list[list[int]]) -> bool:
    """Return True if the square matrix stays the same when rows and columns are exchanged, else False."""
    n = len(matrix)
    return all(matrix[r][c] == matrix[c][r] for r in range(n) for c in range(n))


@task("medium", [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1]], [[1, 2, 3, 4]], [[1], [2], [3]], [[1, 2], [3, 4]],
      [[1, 2, 3], [4, 5, 6]], [[1, 2], [3, 4], [5, 6], [7, 8]])
def spiral_order(matrix: list[list[int]]) -> list[int]:
    """Return all numbers of the matrix in the order of a spiral: along the first row to the right, down the last
    column, back along the last row, up the first column, and so on inwards."""
    rows, out = [list(r) for r in matrix], []
    while rows:
        out += rows.pop(0)
        rows = [list(r) for r in zip(*rows)][::-1]
    return out


@task("medium", [[8, 1, 6], [3, 5, 7], [4, 9, 2]], [[1, 2], [3, 4]], [[5]], [[2, 2], [2, 2]],
      [[1, 2, 3], [3, 1, 2], [2, 3, 1]], [[4, 9, 2], [3, 5, 7], [8, 1, 6]], [[1, 1, 1], [1, 1, 1], [1, 1, 2]],
      [[1, 2, 3], [3, 1, 2], [2, 3, 1]][::-1], [[2, 1, 3], [3, 2, 1], [1, 3, 2]], [[1, 3, 2], [3, 2, 1], [2, 1, 3]])
def equal_line_sums(matrix: list[list[int]]) -> bool:
    """Return True if all rows, all columns and both diagonals of the square matrix have the same sum, else False."""
    n = len(matrix)
    sums = [sum(row) for row in matrix] + [sum(column) for column in zip(*matrix)]
    sums.append(sum(matrix[i][i] for i in range(n)))
    sums.append(sum(matrix[i][n - 1 - i] for i in range(n)))
    return len(set(sums)) == 1


@task("hard", [[1, 2], [3, 4]], [[5]], [[2, 0, 1], [1, 3, 2], [1, 1, 1]], [[0, 1], [1, 0]],
      [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0, 0, 2], [0, 3, 0, 0], [0, 0, 4, 0], [5, 0, 0, 6]])
def determinant(matrix: list[list[int]]) -> int:
    """Return the determinant of the square matrix. For one number it is that number; otherwise it is the sum over
    the columns j of the first row of its number times the determinant of the matrix without the first row and
    column j, where the terms are added for even j and subtracted for odd j (counted from 0)."""
    if len(matrix) == 1:
        return matrix[0][0]
    total = 0
    for j, value in enumerate(matrix[0]):
        rest = [row[:j] + row[j + 1:] for row in matrix[1:]]
        total += (1 if j % 2 == 0 else -1) * value * determinant(rest)
    return total


@task("hard", [[1, 5], [4, 2]], [[3]], [[1, 2], [3, 4]], [[9, 7, 8], [5, 6, 4]], [[2, 2], [2, 2]],
      [[1, 9, 2], [8, 3, 7]], [[5, 6], [3, 9]], [[3, 3], [1, 2]], [[4, 4], [0, 4]], [[6, 5, 5], [1, 5, 2]])
def saddle_values(matrix: list[list[int]]) -> list[int]:
    """Return, row by row and from left to right, every number of the matrix that is the smallest of its row and
    the largest of its column. Equal numbers elsewhere in the row or column do no harm."""
    columns = list(zip(*matrix))
    return [v for row in matrix for c, v in enumerate(row) if v == min(row) and v == max(columns[c])]


@task("easy", ([[1, 2], [3, 4]], 2), ([[5]], 0), ([[1, -1]], 3), ([[0, 0], [0, 9]], 4), ([[2], [3]], -1),
      ([[1, 2, 3]], 10))
def scale_matrix(matrix: list[list[int]], factor: int) -> list[list[int]]:
    """Return the matrix with every number multiplied by `factor`."""
    return [[n * factor for n in row] for row in matrix]


@task("easy", ([[1, 2], [3, 4]], [[5, 6], [7, 8]]), ([[1]], [[-1]]), ([[0, 0]], [[2, 3]]), ([[1], [2]], [[10], [20]]),
      ([[9, 9], [9, 9]], [[1, 0], [0, 1]]), ([[-5, 5]], [[5, -5]]))
def add_matrices(left: list[list[int]], right: list[list[int]]) -> list[list[int]]:
    """Both matrices have the same size. Return the matrix of the sums of the numbers at the same places."""
    return [[a + b for a, b in zip(r, s)] for r, s in zip(left, right)]


@task("easy", ([[1, 2], [3, 4]], 1), ([[5]], 0), ([[1, 2, 3]], 2), ([[1], [2], [3]], 0),
      ([[0, 7], [0, 8], [0, 9]], 1), ([[4, 4, 5], [6, 6, 7]], 2))
def column_of(matrix: list[list[int]], index: int) -> list[int]:
    """Return the column with the given index (counted from 0) as a list from top to bottom."""
    return [row[index] for row in matrix]
