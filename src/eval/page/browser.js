'use strict';
// Text of models is only ever set as text, never as markup; what would be invisible or turn the line around is spelled out.
const $ = id => document.getElementById(id);
const runs = JSON.parse($('data').textContent);
let shown = [], at = 0;

const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
function visible(x) {
  return String(x ?? '-').replace(hidden, c => '\\u{' + c.charCodeAt(0).toString(16) + '}');
}
function add(to, name, text, cls) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = visible(text);
  if (cls) e.className = cls;
  to.appendChild(e);
  return e;
}
function options(id, values) {
  const s = $(id), old = s.value;
  s.textContent = '';
  for (const [v, t] of values) add(s, 'option', t).value = v;
  if (values.some(([v]) => String(v) === old)) s.value = old;
}
function num(x) { return typeof x === 'number' ? String(+x.toFixed(3)) : '-'; }
function thinking(c) { return typeof c.thinking === 'number' ? c.thinking : c.thinking_seen; }
function key(c, k) {
  const v = k === 'thinking' ? thinking(c) : c[k];
  return typeof v === 'number' ? v : -Infinity;
}
function colour(c) { return c.verdict === 'accepted' ? 'pass' : 'fail'; }

function fill() {
  const cs = runs[+$('run').value].completions;
  options('step', [['', 'all'], ...[...new Set(cs.map(c => c.step))].map(s => [s, s])]);
  options('verdict', [['', 'all'], ...[...new Set(cs.map(c => c.verdict))].sort().map(v => [v, v])]);
  filter();
}
function filter() {
  const cs = runs[+$('run').value].completions, k = $('sort').value;
  const step = $('step').value, verdict = $('verdict').value, text = $('text').value.toLowerCase();
  const has = c => [c.id, c.think, c.answer, c.completion].some(t => t && t.toLowerCase().includes(text));
  shown = cs.filter(c => (step === '' || String(c.step) === step) && (verdict === '' || c.verdict === verdict) &&
                         (text === '' || has(c)));
  if (k !== 'order') shown.sort((a, b) => key(a, k) === key(b, k) ? 0 : key(b, k) - key(a, k));
  const rows = $('rows');
  rows.textContent = '';
  shown.forEach((c, i) => {
    const r = add(rows, 'tr');
    add(r, 'td', c.id).title = visible(c.id);
    add(r, 'td', c.step);
    add(r, 'td', c.verdict, colour(c));
    add(r, 'td', num(c.reward));
    add(r, 'td', num(thinking(c)));
    add(r, 'td', c.length);
    r.onclick = () => show(i);
  });
  $('count').textContent = shown.length + ' of ' + cs.length;
  show(0);
}
function block(d, title, text) {
  if (!text) return;
  add(d, 'h3', title);
  add(d, 'pre', text);
}
function show(i) {
  const d = $('detail');
  d.textContent = '';
  if (!shown.length) return;
  $('rows').children[at]?.classList.remove('on');
  at = Math.max(0, Math.min(i, shown.length - 1));
  $('rows').children[at].classList.add('on');
  const c = shown[at];
  add(d, 'h3', visible(c.id) + ', step ' + c.step + ', sample ' + visible(c.sample));
  let parts = 'R = ' + num(c.reward) + ' (format ' + num(c.format) + ', outcome ' + num(c.outcome) + ', thinking ' +
      num(c.thinking) + '), advantage ' + num(c.advantage) + ', ' + visible(c.length) + ' tokens, ' + visible(c.finish);
  if (typeof c.thinking !== 'number' && typeof c.thinking_seen === 'number')
    parts += ', R_t ' + num(c.thinking_seen) + ' did not count';
  add(d, 'p', parts + (c.masked ? ', not in the loss' : ''));
  add(d, 'p', visible(c.verdict) + (c.tests ? ' (' + c.tests_passed + ' of ' + c.tests + ' tests)' : '') +
      (c.detail ? ': ' + c.detail : ''), colour(c));
  if (c.format_error) add(d, 'p', 'format: ' + c.format_error, 'fail');
  block(d, 'Reasoning', c.think);
  block(d, 'Answer', c.answer);
  block(d, 'Whole completion', c.completion);
  block(d, 'Prompt', c.prompt);
}

options('run', runs.map((r, i) => [i, r.name]));
$('run').onchange = fill;
for (const id of ['step', 'verdict', 'sort']) $(id).onchange = filter;
$('text').oninput = filter;
$('list').onkeydown = e => {
  const move = {ArrowDown: 1, j: 1, ArrowUp: -1, k: -1}[e.key];
  if (!move || !shown.length) return;
  show(at + move);
  $('rows').children[at].scrollIntoView({block: 'nearest'});
  e.preventDefault();
};
fill();
