from . import Topic

task = Topic("geometry", split="validation")


@task("easy", (3, 4), (1, 1), (5, 2), (10, 7), (0, 4), (100, 1))
def fence_length(width: int, height: int) -> int:
    """Return the length of the boundary of a rectangle with the given width and height."""
    return 2 * (width + height)


@task("easy", ([0, 0], [3, 4]), ([1, 1], [1, 1]), ([-2, 5], [2, 5]), ([0, 0], [-1, -1]), ([10, -10], [0, 0]),
      ([7, 2], [3, 9]))
def squared_distance(p: list[int], q: list[int]) -> int:
    """Points are given as `[x, y]`. Return the square of the straight distance between `p` and `q`."""
    return (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2


@task("easy", (3, 4, 5), (1, 2, 3), (2, 2, 2), (5, 1, 1), (1, 5, 1), (1, 1, 5), (7, 10, 5), (0, 3, 3), (1, 3, 2),
      (3, 1, 2), (3, 4, 6))
def can_be_triangle(a: int, b: int, c: int) -> bool:
    """Return True if there is a triangle with the side lengths a, b and c, that is, if each two of them together
    are strictly longer than the third; otherwise return False."""
    return a + b > c and a + c > b and b + c > a


@task("easy", [[1, 2], [4, 0], [-1, 7]], [[5, 5]], [[0, 0], [2, 3]], [[-3, -4], [-1, -9]], [[1, 1], [1, 8]],
      [[6, 2], [3, 2], [9, 2]])
def bounding_box(points: list[list[int]]) -> list[int]:
    """Points are given as `[x, y]`; the list is not empty. Return `[smallest x, smallest y, largest x, largest
    y]`."""
    xs = [x for x, y in points]
    ys = [y for x, y in points]
    return [min(xs), min(ys), max(xs), max(ys)]


@task("medium", (3, 4, 5), (2, 2, 2), (2, 3, 4), (13, 5, 12), (6, 6, 3), (5, 3, 4), (5, 5, 8))
def triangle_kind(a: int, b: int, c: int) -> str:
    """a, b and c are the sides of a triangle. Return `right` if it has a right angle (the square of the longest
    side is the sum of the squares of the other two), `acute` if that square is smaller than the sum, and `obtuse`
    if it is larger."""
    a, b, c = sorted([a, b, c])
    left, right = a * a + b * b, c * c
    return "right" if left == right else "acute" if right < left else "obtuse"


@task("medium", ([0, 0, 4, 4], [2, 2, 6, 6]), ([0, 0, 1, 1], [2, 2, 3, 3]), ([0, 0, 2, 2], [2, 0, 4, 2]),
      ([0, 0, 5, 5], [1, 1, 2, 3]), ([1, 1, 3, 3], [1, 1, 3, 3]), ([-2, -2, 0, 0], [-1, -5, 7, -1]),
      ([0, 3, 4, 5], [1, 0, 2, 9]), ([0, 0, 2, 9], [5, 1, 8, 3]), ([0, 0, 9, 2], [1, 5, 3, 8]),
      ([2, 0, 3, 9], [0, 1, 10, 4]), ([0, 0, 1, 1], [3, 3, 9, 9]))
def overlap_area(first: list[int], second: list[int]) -> int:
    """A rectangle with sides along the axes is given as `[left, bottom, right, top]`. Return the area of the part
    that both rectangles have in common, or 0 if there is none."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return width * height if width > 0 and height > 0 else 0


@task("medium", ([0, 0], [2, 2], [5, 5]), ([0, 0], [1, 2], [2, 3]), ([1, 1], [1, 5], [1, 9]),
      ([0, 3], [4, 3], [9, 3]), ([0, 0], [0, 0], [7, 1]), ([-1, -2], [1, 2], [2, 4]), ([0, 0], [3, 1], [6, 3]))
def on_one_line(p: list[int], q: list[int], r: list[int]) -> bool:
    """Points are given as `[x, y]`. Return True if there is a straight line through all three points, else False.
    Points may be equal."""
    return (q[0] - p[0]) * (r[1] - p[1]) == (q[1] - p[1]) * (r[0] - p[0])


@task("medium", [[0, 0], [4, 0], [4, 3]], [[0, 0], [2, 0], [2, 2], [0, 2]], [[0, 0], [0, 5], [5, 0]],
      [[1, 1], [1, 4], [6, 4], [6, 1]], [[0, 0], [1, 1], [2, 2]], [[0, 0], [4, 0], [4, 4], [2, 2], [0, 4]])
def twice_the_area(corners: list[list[int]]) -> int:
    """The corners of a polygon that does not cross itself are given as `[x, y]` in the order in which they follow
    each other around it. Return twice its area, which is a non-negative integer."""
    total = 0
    for i, (x, y) in enumerate(corners):
        nx, ny = corners[(i + 1) % len(corners)]
        total += x * ny - nx * y
    return abs(total)


@task("medium", ([0, 0], [[1, 0], [3, 3], [0, -2]]), ([5, 5], [[5, 5]]), ([0, 0], [[2, 2], [-2, 2]]),
      ([1, 1], [[4, 5], [1, 6]]), ([0, 0], [[0, 3], [3, 0], [2, 1]]), ([-1, 0], [[1, 0], [-2, 1], [0, 0]]),
      ([3, 0], [[0, 0], [3, 2]]), ([0, 4], [[0, -3], [4, 4]]), ([2, -5], [[2, 1], [-5, -4], [2, 5]]),
      ([5, 1], [[1, 1], [5, 6]]))
def nearest_point(origin: list[int], points: list[list[int]]) -> list[int]:
    """Points are given as `[x, y]`; `points` is not empty. Return the one of `points` with the smallest straight
    distance from `origin`; of several equally near ones the first in the list."""
    return min(points, key=lambda p: (p[0] - origin[0]) ** 2 + (p[1] - origin[1]) ** 2)


@task("medium", ([2, 3], 1), ([1, 0], 4), ([0, 0], 3), ([2, 3], 2), ([-1, 4], 3), ([5, -2], 5), ([2, 3], 0))
def rotate_point(point: list[int], quarters: int) -> list[int]:
    """Turn the point `[x, y]` around the origin counterclockwise by `quarters` quarter turns (not negative). One
    quarter turn moves `[x, y]` to `[-y, x]`. Return the new point."""
    x, y = point
    for _ in range(quarters % 4):
        x, y = -y, x
    return [x, y]


@task("hard", ([[0, 0], [2, 2], [0, 2], [2, 0]],), ([[0, 0], [1, 1]],),
      ([[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]],), ([[0, 0], [3, 0], [3, 1], [0, 1]],), ([],),
      ([[5, 5], [5, 6], [6, 5]],), ([[0, 0], [2, 0], [2, 2]],), ([[0, 0], [0, 2], [2, 2]],),
      ([[0, 0], [0, 1], [1, 0], [1, 1], [0, 2], [1, 2], [2, 2]],))
def count_axis_rectangles(points: list[list[int]]) -> int:
    """All points `[x, y]` of the list are different. Return how many rectangles with sides along the axes have
    all four corners in the list."""
    have, count = {tuple(p) for p in points}, 0
    for x1, y1 in have:
        for x2, y2 in have:
            if x1 < x2 and y1 < y2 and (x1, y2) in have and (x2, y1) in have:
                count += 1
    return count


@task("hard", ([[0, 0], [4, 0], [4, 4], [0, 4]], [2, 2]), ([[0, 0], [4, 0], [4, 4], [0, 4]], [5, 2]),
      ([[0, 0], [6, 0], [0, 6]], [1, 1]), ([[0, 0], [6, 0], [0, 6]], [5, 5]),
      ([[0, 0], [8, 0], [8, 8], [4, 3], [0, 8]], [4, 7]), ([[0, 0], [8, 0], [8, 8], [4, 3], [0, 8]], [1, 5]),
      ([[2, 0], [4, 2], [2, 4], [0, 2]], [2, 1]), ([[2, 0], [4, 2], [2, 4], [0, 2]], [1, 4]),
      ([[0, 0], [5, 1], [6, 5], [1, 6]], [3, 3]))
def inside_polygon(corners: list[list[int]], point: list[int]) -> bool:
    """The corners of a polygon that does not cross itself are given as `[x, y]` in the order in which they follow
    each other around it. Return True if the point lies inside the polygon and False if it lies outside. The point
    never lies on the boundary."""
    x, y = point
    inside = False
    for i, (x1, y1) in enumerate(corners):
        x2, y2 = corners[(i + 1) % len(corners)]
        if (y1 > y) != (y2 > y):
            # the edge crosses the height y at x1 + (y - y1) * (x2 - x1) / (y2 - y1)
            left = (x - x1) * (y2 - y1)
            right = (y - y1) * (x2 - x1)
            if (left < right) == (y2 > y1):
                inside = not inside
    return inside


@task("easy", (3, 4), (1, 1), (2, 5), (10, 10), (7, 2), (100, 3), (1, 8), (3, 3), (6, 1))
def border_tiles(width: int, height: int) -> int:
    """A floor is covered with `width` times `height` square tiles, both at least 1. Return how many of the tiles
    lie at the edge of the floor."""
    inner = max(0, width - 2) * max(0, height - 2)
    return width * height - inner


@task("easy", ([1, 2], [3, -1]), ([0, 0], [0, 0]), ([-5, 5], [5, -5]), ([7, 7], [1, 0]), ([2, 3], [-2, -4]),
      ([10, 0], [0, 10]))
def move_point(point: list[int], step: list[int]) -> list[int]:
    """Points and steps are given as `[x, y]`. Return the point moved by the step."""
    return [point[0] + step[0], point[1] + step[1]]


@task("easy", ([0, 0], [3, 4]), ([1, 1], [1, 1]), ([-2, 5], [2, 5]), ([0, 0], [-1, -1]), ([10, -10], [0, 0]),
      ([7, 2], [3, 9]))
def grid_distance(p: list[int], q: list[int]) -> int:
    """Points are given as `[x, y]`. Return the distance when one may only move along the axes: the sum of the
    distances of their x and of their y."""
    return abs(p[0] - q[0]) + abs(p[1] - q[1])
