#!/usr/bin/env python3
"""Writes tests/golden/gguf/quants.gguf: a tensor of every supported format filled with random blocks, beside it what the
`gguf` package dequantises it to (NAME.want, F32), and metadata of every type. Needs numpy and gguf."""
import sys

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import GGUFValueType as V
from gguf import GGUFWriter
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize

ROWS, COLS = 3, 512
# Where the half-precision scales lie in a block of each format.
SCALES = {T.Q8_0: [0], T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208]}


def main(path):
    rng = np.random.default_rng(7)
    w = GGUFWriter(path, "test")
    for t in (T.F32, T.F16, T.BF16, *SCALES):
        values = rng.standard_normal((ROWS, COLS)).astype(np.float32)
        values[0, :4] = [0.0, -0.0, 1e-6, -65504.0]
        if t == T.F32:
            raw, want = values, values
        elif t == T.F16:
            raw = values.astype(np.float16)
            want = raw.astype(np.float32)
        elif t == T.BF16:
            raw = (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
            want = dequantize(raw, t)
        else:
            block, size = GGML_QUANT_SIZES[t]
            raw = rng.integers(0, 256, (ROWS * COLS // block, size), dtype=np.uint8)
            for at in SCALES[t]:
                scale = (rng.standard_normal(len(raw)) * 0.1).astype(np.float16)
                scale[0] = 6e-8  # a subnormal half
                raw[:, at:at + 2] = scale.view(np.uint8).reshape(-1, 2)
            raw = raw.reshape(ROWS, -1)
            want = dequantize(raw, t)
        w.add_tensor(t.name.lower(), raw, raw_dtype=None if t in (T.F32, T.F16) else t)
        w.add_tensor(t.name.lower() + ".want", np.ascontiguousarray(want, dtype=np.float32))
    for name, value, kind in [("u8", 200, V.UINT8), ("i8", -100, V.INT8), ("u16", 60000, V.UINT16), ("i16", -30000, V.INT16),
                              ("u32", 4000000000, V.UINT32), ("i32", -2000000000, V.INT32), ("f32", 0.1, V.FLOAT32),
                              ("bool", True, V.BOOL), ("str", "h\u00e9llo", V.STRING), ("u64", 2**63 + 5, V.UINT64),
                              ("i64", -2**62, V.INT64), ("f64", 0.1, V.FLOAT64)]:
        w.add_key_value("t." + name, value, kind)
    w.add_array("t.a_str", ["", "a", "\u00e9\u00e9", "last"])
    w.add_array("t.a_int", [3, -2, 1])
    w.add_array("t.a_real", [0.5, -0.25])
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/gguf/quants.gguf")
