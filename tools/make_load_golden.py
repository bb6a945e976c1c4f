#!/usr/bin/env python3
"""Writes tests/golden/load/: for each architecture a tiny random model as a Hugging Face folder made by transformers (the
llama in two shards) and the same weights as a GGUF file; values.f32 holds some rows of the weights, and rope.json the
rotary frequencies transformers uses. Needs torch, transformers, gguf, numpy."""
import json
import os
import shutil
import sys

import numpy as np
import torch
from gguf import GGUFWriter
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

COMMON = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
              vocab_size=64, max_position_embeddings=4096, bos_token_id=1, eos_token_id=2)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8192)
GGUF_NAMES = {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
              "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
              "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}


def gguf_name(name):
    outside = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}
    if name in outside:
        return outside[name]
    _, _, layer, rest = name.split(".", 3)
    part, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{GGUF_NAMES[part]}.{kind}"


def permute(w, n_head):
    """Rows in the order llama.cpp's converter stores q and k of a llama: (head, 2, half) -> (head, half, 2)."""
    return w.reshape(n_head, 2, w.shape[0] // n_head // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def write_gguf(path, model, arch, rope_divisors):
    c = model.config
    w = GGUFWriter(path, arch)
    w.add_block_count(c.num_hidden_layers)
    w.add_context_length(c.max_position_embeddings)
    w.add_embedding_length(c.hidden_size)
    w.add_feed_forward_length(c.intermediate_size)
    w.add_head_count(c.num_attention_heads)
    w.add_head_count_kv(c.num_key_value_heads)
    w.add_layer_norm_rms_eps(c.rms_norm_eps)
    w.add_rope_freq_base(c.rope_parameters["rope_theta"])
    w.add_key_length(c.head_dim if getattr(c, "head_dim", None) else c.hidden_size // c.num_attention_heads)
    w.add_bos_token_id(c.bos_token_id)
    w.add_eos_token_id(c.eos_token_id)
    w.add_token_list([f"t{i}" for i in range(c.vocab_size - 1)] + ["<|im_end|>"])
    w.add_token_types([1] * (c.vocab_size - 1) + [3])
    if rope_divisors is not None:
        w.add_tensor("rope_freqs.weight", rope_divisors.astype(np.float32))
    for name, t in model.state_dict().items():
        if name == "lm_head.weight" and c.tie_word_embeddings:
            continue
        a = t.float().numpy()
        if arch == "llama" and ".q_proj." in name:
            a = permute(a, c.num_attention_heads)
        if arch == "llama" and ".k_proj." in name:
            a = permute(a, c.num_key_value_heads)
        w.add_tensor(gguf_name(name), np.ascontiguousarray(a))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def inv_freq(config):
    return LlamaRotaryEmbedding(config).inv_freq.float().tolist()


def main(root):
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    torch.manual_seed(3)
    llama = LlamaConfig(**COMMON, tie_word_embeddings=False, rope_parameters=dict(LLAMA3, rope_theta=500000.0))
    qwen2 = Qwen2Config(**COMMON, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1000000.0))
    qwen3 = Qwen3Config(**COMMON, head_dim=32, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1000000.0))
    for arch, config, cls in (("llama", llama, LlamaForCausalLM), ("qwen2", qwen2, Qwen2ForCausalLM), ("qwen3", qwen3, Qwen3ForCausalLM)):
        config.torch_dtype = torch.bfloat16
        model = cls(config).to(torch.bfloat16)
        with torch.no_grad():
            for p in model.parameters():
                p.copy_(torch.randn_like(p, dtype=torch.float32).to(torch.bfloat16))
        folder = os.path.join(root, arch)
        model.save_pretrained(folder, max_shard_size="16KB" if arch == "llama" else "1GB")
        if arch == "qwen2":  # the older spelling of the rotary base
            path = os.path.join(folder, "config.json")
            j = json.load(open(path))
            j["rope_theta"] = j.pop("rope_parameters")["rope_theta"]
            json.dump(j, open(path, "w"), indent=1)
        divisors = None
        if arch == "llama":
            plain = LlamaConfig(**COMMON, rope_parameters=dict(rope_type="default", rope_theta=500000.0))
            divisors = np.array(inv_freq(plain), np.float32) / np.array(inv_freq(llama), np.float32)
        write_gguf(os.path.join(root, arch + ".gguf"), model, arch, divisors)
        with open(os.path.join(root, arch + ".f32"), "wb") as f:  # every tensor's first and last row, in the order of names
            for name, t in sorted(model.state_dict().items()):
                if name == "lm_head.weight" and config.tie_word_embeddings:
                    continue
                t = t.float().reshape(-1, t.shape[-1])
                f.write(t[0].numpy().tobytes() + t[-1].numpy().tobytes())
    ropes = []
    for theta, head, extra in ((10000.0, 64, dict(rope_type="default")), (1000000.0, 128, dict(rope_type="default")),
                               (10000.0, 64, dict(rope_type="linear", factor=4.0)), (500000.0, 128, LLAMA3),
                               (500000.0, 64, dict(LLAMA3, factor=32.0))):
        c = LlamaConfig(**dict(COMMON, hidden_size=2 * head), rope_parameters=dict(extra, rope_theta=theta))
        ropes.append(dict(theta=theta, d_head=head, **extra, inv_freq=inv_freq(c)))
    json.dump(ropes, open(os.path.join(root, "rope.json"), "w"), indent=1)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/load")
