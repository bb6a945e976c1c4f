#!/usr/bin/env bash
# make_certs.sh DIR: an authority of its own (DIR/ca.pem), and by it certificates for 127.0.0.1 (DIR/server.pem, key and
# certificate) and for another name (DIR/other.pem).
set -eu
cd "$1"
config=$(mktemp)
trap 'rm -f "$config"' EXIT
printf '[req]\ndistinguished_name = dn\n[dn]\n[ca]\nbasicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n' >"$config"
ec="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $ec -config "$config" -extensions ca -subj "/CN=Test authority" -days 2 -keyout ca.key -out ca.pem 2>/dev/null
one() { # NAME SAN
    openssl req $ec -config "$config" -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf 'subjectAltName = %s\n' "$2" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
    cat "$1.key" "$1.crt" >"$1.pem"
}
one server IP:127.0.0.1
one other DNS:example.org
