#!/usr/bin/env python3
"""Makes tests/golden/models/: tiny random models as Hugging Face folders, with what transformers computes from them in
float32 (golden.safetensors), and logits of real GGUF models (real/NAME.safetensors).

    tools/make_model_golden.py [--real NAME=FILE.gguf ...]

Needs numpy, torch, transformers, safetensors and, for --real, gguf and tokenizers. The result depends on their versions
only through rounding; tests/model/test_golden.c bounds that.

text/ is a model with a tokenizer; its golden.jsonl has lines {"prompt", "completion", "ids", "logprobs"} as
`pgrpo logprobs` prints them, null for a first token without a context.

golden.safetensors of a causal model:
    token [n] int32, start [n_seg + 1] int32       sequences, one after another
    logits [n, n_vocab]                            of every position
    row, target [m] int32                          every position that has a successor, and the successor
    logp, entropy [m]                              at `temperature`
    dlogp, dentropy [m]                            random weights; loss = sum dlogp logp + dentropy entropy
    temperature, loss [1]
    grad.NAME                                      d loss / d parameter, for every parameter
of a sequence-classification model:
    token, start; score [n_seg]; pairs of sequences (0, 1), (2, 3), ... are (chosen, rejected)
    loss [1] = mean over pairs of -log sigmoid(score_chosen - score_rejected); grad.NAME
"""
import argparse
import json
import os
import sys

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import (AutoModelForCausalLM, AutoModelForSequenceClassification, LlamaConfig, Qwen2Config,
                          Qwen3Config)

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "golden", "models")

COMMON = dict(vocab_size=101, hidden_size=48, intermediate_size=80, num_hidden_layers=2, max_position_embeddings=512,
              bos_token_id=1, eos_token_id=2, attention_dropout=0.0, use_cache=False)
GQA = dict(num_attention_heads=3, num_key_value_heads=1)
CASES = {
    "llama": (LlamaConfig, dict(GQA, tie_word_embeddings=False, rms_norm_eps=1e-5,
                                rope_parameters=dict(rope_type="default", rope_theta=10000.0))),
    # with 16 dimensions a head these numbers put wavelengths into all three bands
    "llama3_tied": (LlamaConfig, dict(num_attention_heads=3, num_key_value_heads=3, tie_word_embeddings=True,
                                      rms_norm_eps=1e-5,
                                      rope_parameters=dict(rope_type="llama3", rope_theta=10000.0, factor=8.0,
                                                           low_freq_factor=1.0, high_freq_factor=4.0,
                                                           original_max_position_embeddings=256))),
    "llama_linear": (LlamaConfig, dict(GQA, tie_word_embeddings=True, rms_norm_eps=1e-5,
                                       rope_parameters=dict(rope_type="linear", rope_theta=500.0, factor=4.0))),
    "qwen2_tied": (Qwen2Config, dict(GQA, tie_word_embeddings=True, rms_norm_eps=1e-6,
                                     rope_parameters=dict(rope_type="default", rope_theta=1000000.0))),
    "qwen3": (Qwen3Config, dict(num_attention_heads=4, num_key_value_heads=2, head_dim=32, tie_word_embeddings=False,
                                rms_norm_eps=1e-6,
                                rope_parameters=dict(rope_type="default", rope_theta=1000000.0))),
    "qwen2_score": (Qwen2Config, dict(GQA, tie_word_embeddings=False, rms_norm_eps=1e-6, num_labels=1, pad_token_id=0,
                                      rope_parameters=dict(rope_type="default", rope_theta=1000000.0))),
}


def randomise(model, gen):
    """Weights that make every part matter: outputs of order one, norms and biases away from their defaults."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            z = torch.randn(p.shape, generator=gen)
            if p.dim() == 1:
                p.copy_((1.0 if "norm" in name else 0.0) + 0.3 * z)
            elif "embed_tokens" in name:
                p.copy_(0.5 * z)
            else:
                p.copy_(z / p.shape[1] ** 0.5)


def int32(x):
    return torch.tensor(x, dtype=torch.int32)


def scalar(x):
    return torch.tensor([float(x)], dtype=torch.float32)


def gradients(model):
    out = {}
    for name, p in model.named_parameters():
        assert p.grad is not None, name
        out["grad." + name] = p.grad.detach().clone().contiguous()
    return out


def causal(model, gen):
    lengths, temperature = [5, 70, 1, 33], 0.8
    seqs = [torch.randint(3, 101, (n,), generator=gen) for n in lengths]
    start = np.cumsum([0] + lengths)
    logits, row, target, loss, kept = [], [], [], 0.0, {"logp": [], "entropy": [], "dlogp": [], "dentropy": []}
    for s, t in enumerate(seqs):
        out = model(input_ids=t[None]).logits[0]
        logits.append(out.detach())
        n = len(t) - 1
        logp = torch.log_softmax(out[:n] / temperature, -1)
        picked = logp.gather(1, t[1:, None])[:, 0]
        entropy = -(logp.exp() * logp).sum(-1)
        dlogp = torch.randn(n, generator=gen)
        dentropy = 0.5 * torch.randn(n, generator=gen)
        dlogp[::5] = 0  # masked tokens
        dentropy[::3] = 0
        loss = loss + (dlogp * picked).sum() + (dentropy * entropy).sum()
        row += [int(start[s]) + i for i in range(n)]
        target += t[1:].tolist()
        for key, value in (("logp", picked), ("entropy", entropy), ("dlogp", dlogp), ("dentropy", dentropy)):
            kept[key].append(value.detach())
    loss.backward()
    return {"token": int32(torch.cat(seqs).tolist()), "start": int32(start.tolist()), "logits": torch.cat(logits),
            "row": int32(row), "target": int32(target), "temperature": scalar(temperature), "loss": scalar(loss.detach()),
            **{k: torch.cat(v) for k, v in kept.items()}, **gradients(model)}


def scored(model, gen):
    lengths = [9, 12, 40, 3]
    seqs = [torch.randint(3, 101, (n,), generator=gen) for n in lengths]
    score = torch.stack([model(input_ids=t[None]).logits[0, 0] for t in seqs])
    loss = -torch.nn.functional.logsigmoid(score[0::2] - score[1::2]).mean()
    loss.backward()
    return {"token": int32(torch.cat(seqs).tolist()), "start": int32(np.cumsum([0] + lengths).tolist()),
            "score": score.detach(), "loss": scalar(loss.detach()), **gradients(model)}


def tiny():
    for index, (name, (config, extra)) in enumerate(CASES.items()):
        gen = torch.Generator().manual_seed(1000 + index)
        cfg = config(**COMMON, **extra)
        auto = AutoModelForSequenceClassification if name.endswith("score") else AutoModelForCausalLM
        model = auto.from_config(cfg, attn_implementation="eager", dtype=torch.float32)
        randomise(model, gen)
        model.eval()
        golden = scored(model, gen) if name.endswith("score") else causal(model, gen)
        folder = os.path.join(OUT, name)
        os.makedirs(folder, exist_ok=True)
        model.save_pretrained(folder)
        save_file({k: v.contiguous() for k, v in golden.items()}, os.path.join(folder, "golden.safetensors"))
        print(name, "loss", float(golden["loss"]), "max |grad|",
              max(float(v.abs().max()) for k, v in golden.items() if k.startswith("grad.")))


# ---- a tiny model with a tokenizer, for the command line ----


def bytes_to_unicode():
    """GPT-2's printable stand-ins for the 256 bytes."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in keep]
    return {**{b: chr(b) for b in keep}, **{b: chr(256 + i) for i, b in enumerate(rest)}}


LINES = [("def add(a, b):\n", "    return a + b\n"), ("def add(a, b):\n", "    return a - b\n"), ("x", ""),
         ("", "Hello world"), ("", "H"), ("<|im_start|>user\n", "Hi<|im_end|>"), ("caf\u00e9 \U0001f600", "\u4e2d\u6587 the end")]


def text():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    vocab = {c: i for i, c in enumerate(bytes_to_unicode().values())}
    merges = [("t", "h"), ("th", "e"), ("r", "e"), ("\u0120", "\u0120"), ("\u0120\u0120", "\u0120\u0120"), ("l", "l")]
    for pair in merges:
        vocab["".join(pair)] = len(vocab)
    tok = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tok.add_special_tokens(specials)
    ids = {s: tok.token_to_id(s) for s in specials}
    gen = torch.Generator().manual_seed(77)
    cfg = Qwen2Config(**{**COMMON, **GQA, "vocab_size": tok.get_vocab_size(), "hidden_size": 32, "intermediate_size": 48,
                         "num_attention_heads": 2, "bos_token_id": None, "eos_token_id": ids["<|im_end|>"]},
                      tie_word_embeddings=True, rms_norm_eps=1e-6,
                      rope_parameters=dict(rope_type="default", rope_theta=1000000.0))
    model = AutoModelForCausalLM.from_config(cfg, attn_implementation="eager", dtype=torch.float32)
    randomise(model, gen)
    model.eval()
    folder = os.path.join(OUT, "text")
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tok, eos_token="<|im_end|>", pad_token="<|endoftext|>").save_pretrained(folder)
    with open(os.path.join(folder, "golden.jsonl"), "w") as f:
        for prompt, completion in LINES:
            a, b = (tok.encode(s, add_special_tokens=False).ids for s in (prompt, completion))
            known = []
            if len(a + b) > 1:
                with torch.no_grad():
                    logp = torch.log_softmax(model(input_ids=torch.tensor([a + b])).logits[0], -1)
                known = [float(logp[i - 1, (a + b)[i]]) for i in range(max(len(a), 1), len(a + b))]
            f.write(json.dumps({"prompt": prompt, "completion": completion, "ids": b,
                                "logprobs": [None] * (len(b) - len(known)) + known}) + "\n")


# ---- real models ---------------------------------------------------------------------------------------------------

TEXT = '''def fibonacci(n):
    """Returns the n-th Fibonacci number."""
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
'''


def real(name, path):
    import gguf
    from transformers import AutoTokenizer
    reader = gguf.GGUFReader(path)

    def meta(key, default=None):
        f = reader.fields.get(key)
        return default if f is None else f.contents()

    arch = meta("general.architecture")
    get = lambda key, default=None: meta(arch + "." + key, default)
    tensors = {t.name: t for t in reader.tensors}
    n_head, n_kv = get("attention.head_count"), get("attention.head_count_kv")
    own_output = "output.weight" in tensors
    common = dict(vocab_size=tensors["token_embd.weight"].data.shape[0], hidden_size=get("embedding_length"),
                  intermediate_size=get("feed_forward_length"), num_hidden_layers=get("block_count"),
                  num_attention_heads=n_head, num_key_value_heads=n_kv, max_position_embeddings=get("context_length"),
                  rms_norm_eps=get("attention.layer_norm_rms_epsilon"), tie_word_embeddings=not own_output,
                  rope_parameters=dict(rope_type="default", rope_theta=get("rope.freq_base")))
    cfg = {"qwen2": Qwen2Config, "llama": LlamaConfig}[arch](**common)
    model = AutoModelForCausalLM.from_config(cfg, attn_implementation="eager", dtype=torch.float32)

    names = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight",
             "output.weight": "lm_head.weight"}
    parts = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj",
             "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
             "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
    state = {}
    for tensor, t in tensors.items():
        value = torch.from_numpy(np.array(gguf.dequantize(t.data, t.tensor_type), dtype=np.float32))
        if tensor.startswith("blk."):
            _, layer, part, kind = tensor.split(".")
            hf = f"model.layers.{layer}.{parts[part]}.{kind}"
            if arch == "llama" and part in ("attn_q", "attn_k"):
                # llama.cpp stores the rotated pairs of these side by side
                h = n_head if part == "attn_q" else n_kv
                d = value.shape[0] // h
                value = value.reshape(h, d // 2, 2, -1).transpose(1, 2).reshape(value.shape)
        elif tensor in names:
            hf = names[tensor]
        else:
            continue
        state[hf] = value
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(os.path.dirname(path), gguf_file=os.path.basename(path))
    token = tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([token])).logits[0]
    logp = torch.log_softmax(logits, -1)
    entropy = -(logp.exp() * logp).sum(-1)
    row = [0, 7, len(token) // 2, len(token) - 1]
    column = torch.arange(0, logits.shape[1], logits.shape[1] // 199)
    top = logits[row].topk(20)
    golden = {"token": int32(token), "logp": logp[:-1].gather(1, torch.tensor(token[1:])[:, None])[:, 0],
              "entropy": entropy, "row": int32(row), "column": column.to(torch.int32),
              "logit": logits[row][:, column].contiguous(), "top": top.indices.to(torch.int32), "top_logit": top.values}
    os.makedirs(os.path.join(OUT, "real"), exist_ok=True)
    out = os.path.join(OUT, "real", name + ".safetensors")
    save_file(golden, out)
    print(out, len(token), "tokens, mean logp", float(golden["logp"].mean()))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--real", nargs="*", default=[], metavar="NAME=GGUF")
    args = p.parse_args()
    torch.manual_seed(0)
    tiny()
    text()
    for item in args.real:
        real(*item.split("=", 1))


if __name__ == "__main__":
    sys.exit(main())
