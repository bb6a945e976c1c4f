#!/usr/bin/env python3
"""Makes tests/golden/tok: small tokenizers and what `tokenizers` and transformers do with them.

    make_tok_golden.py OUT_DIR [GGUF ...]

  NAME/tokenizer.json   trained here on the standard library's sources and words of many scripts
  NAME/cases.json       [{"text", "ids"}, ...]; and "blocks": for each 4096 code points, a hash of all their ids
  NAME.gguf             the same tokenizer in GGUF metadata (for the ones that GGUF can name)
  chat.json             templates, chats and their rendering by transformers; see chat_cases()
  real.json             ids of a few texts by the tokenizers of the given real models
Needs tokenizers, transformers, trl (its copies of the models' templates), gguf."""
import json
import os
import random
import sys

import transformers
import trl
from tokenizers import AddedToken, Tokenizer, trainers

import compare_tokenizer as cmp
import gguf_tokenizer as gt

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
           "<|eot_id|>"]
SEP = SPECIAL[0]
WHOLE = ["zqxj", "\u0120zqxj", "\u00e5\u0143\u0139\u00e5\u0143\u0139", "\u0120" * 30, "ab" * 40]


def corpus(rng):
    texts = list(cmp.code_files())[:40]
    words = ["déjà", "größer", "naïve", "e\u0301te\u0301", "Привет мир", "Ελληνικά", "שלום", "مرحبا", "你好世界", "日本語の文字", "한국어 글",
             "हिन्दी", "ไทย", "👍🏽", "🇩🇪", "½", "٣٤"]
    return [t[:6000] for t in texts] + [" ".join(rng.choices(words, k=40)) for _ in range(60)]


def train(pre, vocab_size=1000, **model):
    tok = Tokenizer.from_str(json.dumps(gt.tokenizer_json({}, [], [], pre, **model)))
    alphabet = [] if pre == "smollm" else sorted(__import__("tokenizers").pre_tokenizers.ByteLevel.alphabet())
    tok.train_from_iterator(corpus(random.Random(3)), trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=SPECIAL[:3] if pre == "smollm" else [], initial_alphabet=alphabet,
        show_progress=False))
    if model.get("ignore_merges"):  # words that no merges make: only as whole pieces they are tokens
        j = json.loads(tok.to_str())
        for word in WHOLE:
            j["model"]["vocab"][word] = len(j["model"]["vocab"])
        tok = Tokenizer.from_str(json.dumps(j))
    if pre != "smollm":
        tok.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIAL])
        tok.add_tokens([AddedToken(s, normalized=False) for s in ("<tool_call>", "</tool_call>", "<think>", "</think>")])
    return tok


def with_flags():
    """NFC, and added tokens of every flag."""
    tok = train("qwen2", 400)
    tok.add_tokens([AddedToken("<l>", lstrip=True, normalized=False), AddedToken("<r>", rstrip=True, normalized=False),
                    AddedToken("<lr>", lstrip=True, rstrip=True, normalized=False),
                    AddedToken("word", single_word=True, normalized=False), AddedToken("<l>x", normalized=False),
                    AddedToken("caf\u00e9", normalized=True), AddedToken("n\u0303o", normalized=True),
                    AddedToken("Wo", normalized=True, single_word=True), AddedToken("\u00e9\u0301", normalized=False)])
    return tok


def unknown(fuse):
    """A vocabulary without most bytes, with an unknown token."""
    tok = json.loads(train("smollm", 300).to_str())
    vocab = {t: i for i, t in enumerate(["<unk>", "a", "b", "ab", "\u0120", "1"])}
    tok["model"].update(vocab=vocab, merges=["a b"], unk_token="<unk>", fuse_unk=fuse)
    tok["added_tokens"] = [gt.added_token(6, SEP, True)]
    return Tokenizer.from_str(json.dumps(tok))


def texts_for(name, rng):
    flags = ["<l>", "<r>", "<lr>", "word", "words", "a word.", "_word", " ", "  ", "\n", "\u00a0", "\u3000", "\x1c", "<l>x",
             "caf\u00e9", "cafe\u0301", "\u00f1o", "n\u0303o", "Wo", "Wo\u0308", "\u00e9\u0301", "e\u0301\u0301", "é", "1", "字", "x"]
    texts = ["", " ", "\n", "a", "Hello, world!", "it's I'LL we'Re don't '", "  indented\n\tcode()\n\n\n", "x = 1234567 + 0x1F",
             "e\u0301 \u00e9 \ufb01 \u212b \u1e9b\u0323", "a\u0315\u0300\u05ae\u0300b", "\uac00\u11a8 \u1100\u1161\u11a8"]
    if name == "flags":
        texts += ["".join(rng.choices(flags, k=rng.randint(1, 8))) for _ in range(400)]
        return texts
    if name.startswith("unk"):
        return texts + ["".join(rng.choices("ab1 czé\n", k=rng.randint(1, 9))) for _ in range(60)]
    some = lambda it, k: rng.sample(list(it), k)
    texts += ["zqxj zqxj  zqxj", "azqxj zqxja", "\u5b57\u5b57 \u5b57\u5b57\u5b57", "x" + " " * 30 + "y" + " " * 31, "ab" * 40 + " " + "ab" * 41]
    texts += some(cmp.mixed(rng, 2000, SPECIAL[1:3] * 3), 220)
    texts += some(cmp.by_block(rng), 120) + some(cmp.combining(rng), 120) + some(cmp.decompositions(), 80)
    texts += some(cmp.random_text(rng), 60) + [t for t in cmp.long_runs(rng) if len(t) < 60][:200:3]
    return texts + [x * n for x in ("a", "ab", " ", "é") for n in (48, 49, 3000)] + [next(cmp.code_files())[:3000]]


def block_hashes(tok):
    """For each code point a text as in cmp.every_code_point; each id i makes h into h * 1099511628211 + i + 2, the end of
    a text makes it h * 1099511628211 + 1, modulo 2^64."""
    out = []
    for start in range(0, 0x110000, 4096):
        lines = [f"a{x} {x}b{x}{x}1{x}\n{x}  {x}'{x}" for x in map(chr, range(start, start + 4096))
                 if not 0xD800 <= ord(x) < 0xE000]
        if not lines:
            continue
        h = 0
        for e in tok.encode_batch(lines, add_special_tokens=False):
            for i in e.ids:
                h = (h * 1099511628211 + i + 2) & (2**64 - 1)
            h = (h * 1099511628211 + 1) & (2**64 - 1)
        out.append([start, f"{h:016x}"])
    return out


def save(obj, path):
    with open(path, "w", encoding="ascii") as f:
        if isinstance(obj, dict) and "cases" in obj:
            rows = ",\n".join(json.dumps(c, separators=(",", ":")) for c in obj["cases"])
            rest = {k: v for k, v in obj.items() if k != "cases"}
            f.write('{"cases":[\n' + rows + '\n],\n"rest":' + json.dumps(rest, separators=(",", ":")) + "}\n")
        else:
            json.dump(obj, f, separators=(",", ":"))
            f.write("\n")


def write_gguf(tok, pre, template, path):
    import gguf
    j = json.loads(tok.to_str())
    tokens = dict(j["model"]["vocab"])
    added = {t["content"]: t for t in j["added_tokens"]}
    for t in added.values():
        tokens[t["content"]] = t["id"]
    by_id = {i: t for t, i in tokens.items()}
    n = max(by_id) + 1 + 3  # padding at the end, as converters leave
    texts = [by_id.get(i, f"[PAD{i}]") for i in range(n)]
    types = [5 if i not in by_id else (3 if added[by_id[i]]["special"] else 4) if by_id[i] in added else 1 for i in range(n)]
    w = gguf.GGUFWriter(path, "llama")
    w.add_context_length(2048)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre(pre)
    w.add_token_list(texts)
    w.add_token_types(types)
    w.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in j["model"]["merges"]])
    if pre == "llama-bpe":
        w.add_bos_token_id(tokens["<|begin_of_text|>"])
        w.add_add_bos_token(True)
    w.add_eos_token_id(tokens["<|im_end|>"])
    w.add_chat_template(template)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.close()


# ---- chats --------------------------------------------------------------------------------------------------

def templates():
    """name: (template, family that we call it, bos)"""
    folder = os.path.join(os.path.dirname(trl.__file__), "chat_templates")
    read = lambda n: open(os.path.join(folder, n + ".jinja"), encoding="utf-8", newline="").read()
    q3 = read("qwen3")
    first = q3.replace(' and message.content is string and not(', ' and not(')
    body = first[first.index("    {%- if message.content is string %}"):first.index("    {%- if (message.role")]
    first = first.replace(body, "").replace("+ content + '<|im_end|>' + '\\n' }}", "+ message.content + '<|im_end|>' + '\\n' }}")
    old = first[first.index("        {%- set reasoning_content = '' %}"):first.index("        {%- if loop.index0 >")]
    new = """        {%- set content = message.content %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is defined and message.reasoning_content is not none %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in message.content %}
                {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
                {%- set reasoning_content = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
"""
    first = first.replace(old, new)
    tail = q3[q3.index("{%- if add_generation_prompt %}"):]
    thinking = q3.replace(tail, "{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n<think>\\n' }}\n{%- endif %}")
    chatml = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
              "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
    system = chatml.replace("{% for message in messages %}", "{% for message in messages %}{% if loop.first and messages[0]['role'] "
                            "!= 'system' %}{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}")
    smollm2 = system.replace("You are a helpful assistant.", "You are a helpful AI assistant named SmolLM, trained by Hugging Face").replace("\\n", "\n")
    default = "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}"
    math = read("qwen2_5").replace("You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
                                   "Please reason step by step, and put your final answer within \\\\boxed{}.")
    bos = "<|begin_of_text|>"
    return {"chatml": (chatml, "chatml", None), "chatml-set": (default + chatml.replace(" + '<|im_end|>' + '\\n'", " + '<|im_end|>\\n'"), "chatml", None),
            "qwen2": (system, "chatml", None), "smollm2": (smollm2, "chatml", None),
            "qwen2.5": (read("qwen2_5"), "chatml-qwen2.5", None), "qwen2.5-math": (math, "chatml-qwen2.5", None),
            "qwen3": (q3, "chatml-qwen3", None), "qwen3-first": (first, "chatml-qwen3", None),
            "qwen3-thinking": (thinking, "chatml-qwen3-thinking", None),
            "qwen3-instruct": (read("qwen3_instruct_2507"), "chatml-qwen3-instruct", None),
            "llama3": (read("llama3"), "llama3", bos), "llama3.1": (read("llama3_1"), "llama3.1", bos),
            "llama3.2": (read("llama3_2"), "llama3.2", bos)}


def others():
    """Templates that must be refused: of other models, and ours with a small change."""
    folder = os.path.join(os.path.dirname(trl.__file__), "chat_templates")
    read = lambda n: open(os.path.join(folder, n + ".jinja"), encoding="utf-8", newline="").read()
    t = {k: v[0] for k, v in templates().items()}
    changes = [("chatml", "'<|im_end|>' + '\\n'", "'<|im_end|>'"), ("chatml", "{% endfor %}", "{% endfor %}\n\n"), ("chatml", "message['content']", "message['content'] | trim"),
               ("qwen2", "!= 'system'", "== 'system'"), ("qwen2.5", "not loop.first", "loop.first"), ("qwen2.5", "<|im_start|>assistant\\n' }}", "<|im_start|>assistant' }}"),
               ("qwen2.5", "{%- for message in messages %}", "{%- for message in messages[1:] %}"), ("qwen2.5", "{%- else %}\n    {%- if messages[0]", "x{%- else %}\n    {%- if messages[0]"),
               ("qwen3", ".strip('\\n')", ".strip()"), ("qwen3", "loop.index0 > ns", "loop.index0 >= ns"), ("llama3", "| trim", ""), ("llama3.1", "26 Jul 2024", "27 Jul 2024"),
               ("llama3.2", "%d %b %Y", "%d %B %Y"), ("smollm2", "{% endif %}", "{% endif %} ")]
    out = ["", "{{ messages }}", "{% for", "{{ 'x", "{% if tools %}", "{% endfor %}", "plain text", "{% for message in messages %}" * 40]
    for name, old, new in changes:
        assert old in t[name], (name, old)
        out.append(t[name].replace(old, new, 1))
    return out + [read(n) for n in ("gemma", "phi3", "deepseek_r1_distill", "qwen2_5_training", "qwen3_5_think")]


def chats():
    u, a, s = (lambda c: {"role": "user", "content": c}), (lambda c: {"role": "assistant", "content": c}), (lambda c: {"role": "system", "content": c})
    return [[u("Hi")], [s("Be brief."), u("Hi")], [u("Hi"), a("Hello!"), u("Bye")], [s(""), u("")], [u("  spaces \n around\u00a0\u3000\x1c\t ")],
            [s(" sys \n"), u("q\n\n"), a("\n\nans "), u("\nq2")], [u("a"), s("mid"), u("b")], [a("first"), u("then")], [u("x"), a("y")],
            [u("x"), a("<think>\nwhy\n\n</think>\n\nbecause")], [u("x"), a("<think>why</think>because"), u("y"), a("\n\nno think")],
            [u("x"), a("why</think>b"), a("<think>one</think>mid<think>two</think>\n\nend")], [u("x"), a("<think>\n\n</think>\n\nempty"), a("z")],
            [u("q"), a("<think>a</think>b"), u("<tool_response>r</tool_response>"), a("<think>c</think>d")], [s("only")], [a("only")],
            [u("<tool_response>r</tool_response>"), a("<think>c</think>d")], [u("x"), a("<think>open"), u("y")], [u("x"), a("</think>"), a("")],
            [s("a"), s("b"), u("c")], [u("é e\u0301 你好 👍🏽 \ud83d".encode("utf-8", "ignore").decode())]]


def chat_cases(tok):
    """Rendering by transformers, and the ids of the rendering by a small tokenizer. Llama 3.2 gets the date that we fix."""
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tok)
    cases = []
    for name, (template, family, bos) in templates().items():
        fast.chat_template = template
        fast.bos_token = bos
        rendered = []
        for messages in chats():
            for gen in (False, True):
                text = fast.apply_chat_template(messages, tokenize=False, add_generation_prompt=gen, date_string="26 Jul 2024")
                rendered.append({"messages": messages, "generate": gen, "text": text, "ids": tok.encode(text, add_special_tokens=False).ids})
        cases.append({"name": name, "family": family, "template": template, "bos": bos, "chats": rendered})
    return {"cases": cases, "others": others()}


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    toks = {"qwen2": train("qwen2"), "smollm": train("smollm"), "llama3": train("llama-bpe", ignore_merges=True),
            "flags": with_flags(), "unk": unknown(False), "unk_fused": unknown(True)}
    t = templates()
    for name, tok in toks.items():
        folder = os.path.join(out, name)
        os.makedirs(folder, exist_ok=True)
        save(json.loads(tok.to_str()), os.path.join(folder, "tokenizer.json"))
        rng = random.Random(11)
        texts = list(dict.fromkeys(texts_for(name, rng)))
        cases = [{"text": x, "ids": tok.encode(x, add_special_tokens=False).ids} for x in texts]
        blocks = block_hashes(tok) if name in ("qwen2", "smollm", "llama3") else []
        save({"cases": cases, "blocks": blocks}, os.path.join(folder, "cases.json"))
        print(name, tok.get_vocab_size(), "tokens", len(cases), "cases")
    for name, pre, template in (("qwen2", "qwen2", "qwen2.5"), ("smollm", "smollm", "smollm2"), ("llama3", "llama-bpe", "llama3.1")):
        write_gguf(toks[name], pre, t[template][0], os.path.join(out, name + ".gguf"))
    save(chat_cases(toks["qwen2"]), os.path.join(out, "chat.json"))
    real = {}
    for path in sys.argv[2:]:
        tok, _ = gt.from_gguf(path)
        truth = Tokenizer.from_str(json.dumps(tok))
        rng = random.Random(5)
        texts = [x for x in texts_for("real", rng) if len(x) < 400][:250]
        real[os.path.basename(path)] = [{"text": x, "ids": truth.encode(x, add_special_tokens=False).ids} for x in texts]
    if real:
        save(real, os.path.join(out, "real.json"))


if __name__ == "__main__":
    main()
