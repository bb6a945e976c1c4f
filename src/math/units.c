/* units.c - units of measure: which words are units, and what one is worth in another. */
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "math/expr.h"

enum dim { LENGTH, MASS, TIME, MONEY, ANGLE, VOLUME, PERCENT, OTHER };

static const struct unit {
    const char *name;
    enum dim dim;
    double in_base;
} units[] = {{"m", LENGTH, 1},
             {"meter", LENGTH, 1},
             {"metre", LENGTH, 1},
             {"cm", LENGTH, 0.01},
             {"centimeter", LENGTH, 0.01},
             {"centimetre", LENGTH, 0.01},
             {"mm", LENGTH, 0.001},
             {"millimeter", LENGTH, 0.001},
             {"km", LENGTH, 1000},
             {"kilometer", LENGTH, 1000},
             {"kilometre", LENGTH, 1000},
             {"nm", LENGTH, 1e-9},
             {"in", LENGTH, 0.0254},
             {"inch", LENGTH, 0.0254},
             {"inche", LENGTH, 0.0254},
             {"ft", LENGTH, 0.3048},
             {"foot", LENGTH, 0.3048},
             {"feet", LENGTH, 0.3048},
             {"yd", LENGTH, 0.9144},
             {"yard", LENGTH, 0.9144},
             {"mi", LENGTH, 1609.344},
             {"mile", LENGTH, 1609.344},
             {"kg", MASS, 1},
             {"kilogram", MASS, 1},
             {"g", MASS, 0.001},
             {"gram", MASS, 0.001},
             {"mg", MASS, 1e-6},
             {"lb", MASS, 0.45359237},
             {"pound", MASS, 0.45359237},
             {"oz", MASS, 0.028349523125},
             {"ounce", MASS, 0.028349523125},
             {"s", TIME, 1},
             {"sec", TIME, 1},
             {"second", TIME, 1},
             {"ms", TIME, 0.001},
             {"min", TIME, 60},
             {"minute", TIME, 60},
             {"h", TIME, 3600},
             {"hr", TIME, 3600},
             {"hour", TIME, 3600},
             {"day", TIME, 86400},
             {"week", TIME, 604800},
             {"dollar", MONEY, 1},
             {"usd", MONEY, 1},
             {"cent", MONEY, 0.01},
             {"degree", ANGLE, 1},
             {"deg", ANGLE, 1},
             {"radian", ANGLE, 57.29577951308232},
             {"rad", ANGLE, 57.29577951308232},
             {"l", VOLUME, 1},
             {"liter", VOLUME, 1},
             {"litre", VOLUME, 1},
             {"ml", VOLUME, 0.001},
             {"percent", PERCENT, 1},
             {"mph", OTHER, 1},
             {"kmh", OTHER, 1},
             {"mps", OTHER, 1},
             {"km/h", OTHER, 1},
             {"hz", OTHER, 1},
             {"khz", OTHER, 1},
             {"mhz", OTHER, 1},
             {"ev", OTHER, 1},
             {"kev", OTHER, 1},
             {"mev", OTHER, 1},
             {"gev", OTHER, 1},
             {"mol", OTHER, 1},
             {"pa", OTHER, 1},
             {"kpa", OTHER, 1},
             {"mpa", OTHER, 1},
             {"kj", OTHER, 1},
             {"pc", OTHER, 1},
             {"kpc", OTHER, 1},
             {"au", OTHER, 1},
             {"unit", OTHER, 1},
             {"atm", OTHER, 1},
             {"cal", OTHER, 1},
             {"kcal", OTHER, 1},
             {"erg", OTHER, 1},
             {"year", OTHER, 1},
             {"yr", OTHER, 1},
             {"month", OTHER, 1},
             {"kelvin", OTHER, 1},
             {"joule", OTHER, 1},
             {"watt", OTHER, 1},
             {"gallon", OTHER, 1},
             {"cup", OTHER, 1},
             {"point", OTHER, 1},
             {"people", OTHER, 1},
             {"student", OTHER, 1},
             {"way", OTHER, 1}};

static const struct unit *look_up(const char *name, size_t n) {
    for (int cut = 0; cut < 2; cut++, n--) { /* as it is, then without a plural s */
        for (size_t i = 0; i < PGR_COUNT(units); i++)
            if (strlen(units[i].name) == n && memcmp(units[i].name, name, n) == 0) return &units[i];
        if (n < 3 || name[n - 1] != 's') return NULL;
    }
    return NULL;
}

/* "Square inches", "cm^2", "cm**2" as "inche" or "cm" and 2. */
static const struct unit *split(const char *text, char name[64], int *power) {
    size_t n = 0;
    *power = 1;
    for (const char *s = text; *s && n < 63; s++) {
        char c = *s >= 'A' && *s <= 'Z' ? (char)(*s + 32) : *s;
        if (c != ' ' && c != '~' && c != '{' && c != '}' && c != '.') name[n++] = c;
    }
    name[n] = 0;
    const char *s = name;
    static const struct {
        const char *word;
        int power;
    } heads[] = {{"square", 2}, {"sq", 2}, {"cubic", 3}, {"cu", 3}};
    for (size_t i = 0; i < PGR_COUNT(heads); i++) {
        size_t k = strlen(heads[i].word);
        if (n <= k + 1 || memcmp(s, heads[i].word, k) != 0) continue;
        s += k, n -= k;
        *power = heads[i].power;
        break;
    }
    if (n > 2 && s[n - 2] == '^' && s[n - 1] >= '1' && s[n - 1] <= '9') {
        *power *= s[n - 1] - '0';
        n -= 2;
    }
    return look_up(s, n);
}

bool pgr_unit_known(const char *name) {
    char low[64];
    int power;
    return split(name, low, &power) != NULL;
}

bool pgr_unit_ratio(const char *a, const char *b, double *ratio) {
    char na[64], nb[64];
    int pa, pb;
    const struct unit *ua = split(a, na, &pa), *ub = split(b, nb, &pb);
    *ratio = 1;
    if (strcmp(na, nb) == 0 || (ua && ua == ub && pa == pb)) return true;
    if (!ua || !ub || ua->dim != ub->dim || ua->dim == OTHER || pa != pb) return false;
    for (int i = 0; i < pa; i++) *ratio *= ua->in_base / ub->in_base;
    return true;
}
