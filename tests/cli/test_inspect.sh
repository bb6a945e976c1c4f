#!/usr/bin/env bash
# pgrpo inspect: what it prints, what it refuses, and that it ends orderly at every allocation that fails.
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
. tests/run.sh
golden=tests/golden/load
for m in $golden/llama.gguf $golden/llama $golden/qwen2.gguf $golden/qwen3; do
    run 0 "2 layers, hidden size 32, intermediate size 48" inspect $m
    run 0 "training, checkpointed" inspect $m
done
run 0 "a matrix of its own, kept" inspect $golden/llama.gguf
run 0 "Llama 3 scaling by 8 of 8192 positions" inspect $golden/llama.gguf
run 0 "tied to the embedding" inspect $golden/qwen3
run 0 "model.layers.1.mlp.down_proj.weight" inspect $golden/qwen2 --tensors
run 0 '"memory"' inspect $golden/qwen2.gguf --json --sequences 3 --length 33 --batch-tokens 100
tail -1 "$dir/out" | python3 -c '
import json, sys
j = json.load(sys.stdin)
m = j["memory"]
assert (m["sequences"], m["length"], m["batch_tokens"]) == (3, 33, 100), m
# 2 pages of 32 positions for each of 3 sequences, 2 layers, keys and values of one head of 16, 2 bytes
assert m["inference"]["cache"] == 3 * 2 * 32 * 2 * 2 * 16 * 2, m["inference"]
assert m["training"]["gradients"] == 4 * j["parameters"] and m["training"]["optimiser"] == 8 * j["parameters"]
assert m["training"]["total"] == sum(v for k, v in m["training"].items() if k != "total")
assert m["training_checkpointed"]["activations"] < m["training"]["activations"]
assert j["bytes"] == sum(t["bytes"] for t in j["tensors"]) == 4 * j["parameters"]
' || fail "the JSON is not as it must be"

run 2 "operands" inspect
run 2 "no such file or folder" inspect no/such
run 2 "neither a Hugging Face folder nor a GGUF file" inspect Makefile
run 2 "architecture test; supported are llama, qwen2, qwen3" inspect tests/golden/gguf/quants.gguf
run 2 "did you mean --tensors?" inspect $golden/qwen3 --tensor
head -c 60000 $golden/llama.gguf >"$dir/cut.gguf"
run 2 "does not fit the file of 60000 bytes" inspect "$dir/cut.gguf"
cp -r $golden/qwen3 "$dir/bad" && sed -i 's/"intermediate_size": 48/"intermediate_size": 64/' "$dir/bad/config.json"
run 2 "tensor model.layers.0.mlp.gate_proj.weight has 2 dimensions [48, 32], config.json needs [64, 32]" inspect "$dir/bad"
truncate -s -1 "$dir/bad/model.safetensors"
run 2 "model.safetensors" inspect "$dir/bad"

# Out of memory at the n-th allocation: an orderly end with exit code 1, or so late that it does not matter.
for m in $golden/llama.gguf $golden/qwen3; do
    for n in $(seq 1 6 1000); do
        PGR_FAIL_ALLOC=$n "$pgrpo" inspect $m >"$dir/out" 2>"$dir/err"
        code=$?
        [ $code -eq 0 ] && break
        { [ $code -eq 1 ] && grep -qi "memory" "$dir/err"; } || fail "allocation $n fails: exit code $code for $m"
    done
    [ "$n" -gt 20 ] && [ $code -eq 0 ] || fail "no end of failing allocations at $n"
done
echo "all checks passed"
