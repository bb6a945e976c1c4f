#!/usr/bin/env bash
# Reads every #include "module/..." of src/ and fails on a direction that the layout does not allow.
# Each line: a module and what it may include, itself apart. base may be included by all.
set -u
allowed() {
    case $1 in
    base) echo "" ;;
    fmt) echo "" ;;
    kern) echo "" ;;
    model) echo "kern fmt" ;;
    text) echo "fmt" ;;
    gen) echo "model text kern" ;;
    sbx) echo "" ;;
    math) echo "" ;;
    task) echo "sbx text math" ;;
    reward) echo "task gen model text sbx math" ;;
    train) echo "reward task gen model text sbx math kern fmt" ;;
    pref) echo "train reward gen task model text sbx kern net" ;;
    eval) echo "task gen reward model text sbx math net" ;;
    net) echo "" ;;
    cli) echo "fmt kern model text gen sbx math task reward pref train eval net" ;;
    *) echo "UNKNOWN" ;;
    esac
}
bad=0 seen=0
for f in $(find src -name '*.[ch]' | sort); do
    module=$(echo "$f" | cut -d/ -f2)
    ok=" base $module $(allowed "$module") "
    case $ok in *UNKNOWN*) echo "$f: module $module is not in the table"; bad=1; continue ;; esac
    for inc in $(grep -oE '^#include "[a-z_]+/' "$f" | cut -d'"' -f2 | tr -d / | sort -u); do
        seen=$((seen + 1))
        case $ok in *" $inc "*) ;; *) echo "$f: $module must not include $inc"; bad=1 ;; esac
    done
done
[ $seen -gt 0 ] || { echo "no includes found: wrong folder?"; exit 1; }
exit $bad
