#!/usr/bin/env python3
"""The products of `bench_gemm op=forward m=4096` by torch (oneDNN, MKL), a JSON line each, best of three.

To mask instruction sets: ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2 ATEN_CPU_CAPABILITY=avx2."""
import json
import time

import torch

M = 4096
for dtype in (torch.bfloat16, torch.float32):
    for k, n in ((896, 1152), (896, 896), (896, 9728), (4864, 896)):
        x, w, best = torch.randn(M, k).to(dtype), torch.randn(n, k).to(dtype), float("inf")
        for _ in range(3):
            start = time.monotonic()
            torch.nn.functional.linear(x, w)
            best = min(best, time.monotonic() - start)
        print(json.dumps({"bench": "gemm (peer)", "dtype": str(dtype), "m": M, "k": k, "n": n, "seconds": best,
                          "tflops": 2 * M * k * n / best / 1e12}), flush=True)
