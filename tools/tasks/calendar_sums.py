from . import Topic

task = Topic("calendar", split="train")


@task("easy", 2024, 1900, 2000, 2023, 2100, 4, 1, 1996)
def is_leap_year(year: int) -> bool:
    """Return True if `year` is a leap year: divisible by 4, but not by 100 unless it is divisible by 400."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@task("easy", (0, 3), (6, 1), (2, 0), (5, 14), (0, -1), (3, -10), (6, 700))
def weekday_after(weekday: int, days: int) -> int:
    """Weekdays are numbered from 0 (Monday) to 6 (Sunday). Return the number of the weekday that comes `days`
    days after `weekday`; a negative number of days goes back."""
    return (weekday + days) % 7


@task("easy", 1, 3, 4, 6, 7, 9, 10, 12)
def quarter_of(month: int) -> int:
    """Return the quarter of the year, from 1 to 4, in which the month (1 to 12) lies."""
    return (month - 1) // 3 + 1


@task("easy", (9, 30, 45), (23, 50, 20), (0, 0, 0), (12, 0, 60), (23, 59, 1), (10, 15, 1440), (5, 5, 115),
      (23, 0, 59), (0, 59, 0))
def clock_after(hour: int, minute: int, passed: int) -> list[int]:
    """A 24-hour clock shows `hour` and `minute`. Return as `[hour, minute]` what it shows after `passed` more
    minutes, which are not negative. After 23:59 comes 0:00."""
    total = (hour * 60 + minute + passed) % 1440
    return [total // 60, total % 60]


@task("medium", (2024, 2), (2023, 2), (2023, 4), (2023, 12), (1900, 2), (2000, 2), (2023, 9), (2023, 8), (2023, 7),
      (2023, 5), (2023, 10), (2023, 6), (2023, 11), (2023, 1), (2023, 3))
def days_in_month(year: int, month: int) -> int:
    """Return how many days the month (1 to 12) has in that year. February has 29 days in leap years, which are
    the years divisible by 4 except those divisible by 100 but not by 400."""
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


@task("medium", (2023, 3, 1), (2024, 3, 1), (2023, 1, 1), (2023, 12, 31), (2024, 12, 31), (1900, 3, 1), (2000, 2, 29),
      (2000, 3, 1), (2000, 12, 31))
def day_of_year(year: int, month: int, day: int) -> int:
    """Return the number of the given date within its year: 1 January is 1. Leap years are the years divisible by
    4 except those divisible by 100 but not by 400."""
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        lengths[1] = 29
    return sum(lengths[:month - 1]) + day


@task("medium", ("09:30", "17:15"), ("22:00", "06:00"), ("00:00", "23:59"), ("12:00", "12:00"), ("08:05", "08:04"),
      ("10:00", "10:45"))
def minutes_between(start: str, end: str) -> int:
    """Both times have the form HH:MM on a 24-hour clock. Return how many minutes pass from `start` to the next
    time the clock shows `end`. Equal times give 0."""
    def minutes(t):
        h, m = t.split(":")
        return int(h) * 60 + int(m)
    return (minutes(end) - minutes(start)) % 1440


@task("medium", "3:05 PM", "12:00 AM", "12:30 PM", "1:00 AM", "11:59 PM", "10:10 AM", "12:01 AM")
def to_24_hours(time: str) -> str:
    """`time` is given on a 12-hour clock as `H:MM AM` or `H:MM PM`, the hour from 1 to 12 without a leading zero.
    Return it as `HH:MM` on the 24-hour clock. 12:00 AM is midnight and 12:00 PM is noon."""
    clock, half = time.split()
    hour, minute = clock.split(":")
    hour = int(hour) % 12 + (12 if half == "PM" else 0)
    return f"{hour:02d}:{minute}"


@task("medium", "2024-02-29", "2023-02-29", "2023-13-01", "2023-00-10", "2023-04-31", "2023-12-31", "1900-02-29",
      "2000-02-29", "2023-01-00", "2023-01-31", "2023-01-32", "2023-02-28", "2024-02-30", "2023-03-31", "2023-03-32",
      "2023-04-30", "2023-05-31", "2023-05-32", "2023-06-30", "2023-06-31", "2023-07-31", "2023-07-32", "2023-08-31",
      "2023-08-32", "2023-09-30", "2023-09-31", "2023-10-31", "2023-10-32", "2023-11-30", "2023-11-31", "2023-12-32",
      "2023-01-01")
def is_real_date(text: str) -> bool:
    """`text` has the form YYYY-MM-DD with digits only. Return True if that date exists in the Gregorian calendar,
    where leap years are the years divisible by 4 except those divisible by 100 but not by 400; otherwise return
    False."""
    year, month, day = (int(p) for p in text.split("-"))
    if not 1 <= month <= 12:
        return False
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        lengths[1] = 29
    return 1 <= day <= lengths[month - 1]


@task("hard", (2023, 12, 31), (2024, 2, 28), (2023, 2, 28), (2023, 4, 30), (2023, 7, 15), (1900, 2, 28),
      (2000, 2, 29), (2023, 1, 31), (2000, 2, 28), (2023, 2, 27), (2023, 3, 31), (2023, 3, 30), (2023, 4, 29),
      (2023, 5, 31), (2023, 5, 30), (2023, 6, 30), (2023, 6, 29), (2023, 7, 31), (2023, 7, 30), (2023, 8, 31),
      (2023, 8, 30), (2023, 9, 30), (2023, 9, 29), (2023, 10, 31), (2023, 10, 30), (2023, 11, 30), (2023, 11, 29),
      (2023, 12, 30), (2023, 1, 30))
def next_date(year: int, month: int, day: int) -> list[int]:
    """Return the date that follows the given date as `[year, month, day]`. Leap years are the years divisible by
    4 except those divisible by 100 but not by 400."""
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        lengths[1] = 29
    if day < lengths[month - 1]:
        return [year, month, day + 1]
    if month < 12:
        return [year, month + 1, 1]
    return [year + 1, 1, 1]


@task("hard", (2024, 1, 1), (2000, 1, 1), (1999, 12, 31), (2023, 7, 4), (2024, 2, 29), (2100, 3, 1), (1970, 1, 1),
      (2024, 3, 1), (2024, 12, 31), (1900, 1, 1))
def weekday_of(year: int, month: int, day: int) -> int:
    """Return the weekday of the given date, from 0 for Monday to 6 for Sunday. 1 January 1900 was a Monday, and
    the date is not before it. Leap years are the years divisible by 4 except those divisible by 100 but not by
    400."""
    def leap(y):
        return y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)
    days = sum(366 if leap(y) else 365 for y in range(1900, year))
    lengths = [31, 29 if leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (days + sum(lengths[:month - 1]) + day - 1) % 7


@task("hard", (0, 31), (6, 28), (2, 30), (5, 29), (4, 31), (1, 28), (6, 31))
def weekend_days(first_weekday: int, length: int) -> int:
    """A month has `length` days and its first day is the weekday `first_weekday` (0 for Monday to 6 for Sunday).
    Return how many days of the month are a Saturday or a Sunday."""
    return sum(1 for d in range(length) if (first_weekday + d) % 7 >= 5)


@task("easy", 3, 0, 1, 10, 52, 7)
def days_in_weeks(weeks: int) -> int:
    """Return how many days the given number of weeks has."""
    return weeks * 7


@task("easy", (2, 30), (0, 0), (1, 0), (0, 59), (24, 0), (10, 10))
def to_minutes(hours: int, minutes: int) -> int:
    """Return the total number of minutes in the given hours and minutes."""
    return hours * 60 + minutes


@task("easy", 5, 0, 6, 3, 1, 4)
def is_weekend(weekday: int) -> bool:
    """Weekdays are numbered from 0 (Monday) to 6 (Sunday). Return True for Saturday and Sunday, else False."""
    return weekday >= 5


@task("easy", 1999, 2000, 2001, 1, 100, 101, 2024)
def century_of(year: int) -> int:
    """Return the century of the positive `year`: the years 1 to 100 are century 1, 101 to 200 are century 2, and
    so on."""
    return (year + 99) // 100
