// model.js — the profile in the page: decoding, positions, search. No DOM; page.js draws it.
'use strict';

// What kind of code a frame ran; the order is out_html.c's enum page_kind.
const KINDS = [
  { name: 'Other', hue: 220, saturation: 10 },
  { name: 'JIT compiled', hue: 142, saturation: 46 },
  { name: 'Inlined', hue: 184, saturation: 48 },
  { name: 'C1 compiled', hue: 88, saturation: 46 },
  { name: 'Interpreted', hue: 262, saturation: 46 },
  { name: 'Native', hue: 4, saturation: 74 },
  { name: 'C++', hue: 46, darkHue: 36, saturation: 82 }, // dark yellow would be olive
  { name: 'Kernel', hue: 25, darkHue: 20, saturation: 84 },
];
const KIND_JIT = 1, KIND_INLINED = 2, KIND_C1 = 3, KIND_INTERPRETED = 4, KIND_NATIVE = 5;
const isJava = (kind) => kind >= KIND_JIT && kind <= KIND_INTERPRETED;

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const digitOf = new Uint8Array(128);
for (let i = 0; i < DIGITS.length; i++) digitOf[DIGITS.charCodeAt(i)] = i;

// Front-coded names: two digits of shared length, the rest, a newline.
function decodeNames(text) {
  const names = [];
  let before = '';
  for (let at = 0; at < text.length;) {
    const shared = digitOf[text.charCodeAt(at)] * 64 + digitOf[text.charCodeAt(at + 1)];
    const end = text.indexOf('\n', at);
    before = before.slice(0, shared) + text.slice(at + 2, end);
    names.push(before);
    at = end + 1;
  }
  return names;
}

// The nodes' own values, as columns in preorder. A node takes at least three digits.
function decodeNodes(text) {
  const most = Math.floor(text.length / 3) + 1;
  const nodes = {
    n: 0,
    name: new Int32Array(most),
    parent: new Int32Array(most),
    depth: new Int32Array(most),
    kind: new Uint8Array(most),
    self: new Float64Array(most),
    hidden: new Float64Array(most),
    mixed: new Map(), // node -> [interpreted, c1, inlined]
  };
  let at = 0;
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 32) {
      const digit = digitOf[text.charCodeAt(at++)];
      value += (digit & 31) * scale;
      if (digit < 32) return value;
    }
  };
  const path = []; // the nodes from the root to the one before
  while (at < text.length) {
    const i = nodes.n++;
    nodes.name[i] = number();
    const flags = number();
    const up = Math.floor(flags / 32);
    path.length -= Math.min(up, path.length);
    nodes.kind[i] = flags & 7;
    nodes.parent[i] = path.length ? path[path.length - 1] : -1;
    nodes.depth[i] = path.length;
    nodes.self[i] = number();
    if (flags & 16) nodes.hidden[i] = number();
    if (flags & 8) nodes.mixed.set(i, [number(), number(), number()]);
    path.push(i);
  }
  return nodes;
}

// Totals, horizontal positions (in samples), ends and depths of subtrees.
function measureNodes(nodes) {
  const { n, parent, self, hidden, depth } = nodes;
  const total = new Float64Array(n), start = new Float64Array(n), next = new Float64Array(n);
  const end = new Int32Array(n), deepest = new Int32Array(n);
  for (let i = n - 1; i >= 0; i--) {
    total[i] += self[i] + hidden[i];
    end[i] = Math.max(end[i], i + 1);
    deepest[i] = Math.max(deepest[i], depth[i]);
    const p = parent[i];
    if (p < 0) continue;
    total[p] += total[i];
    end[p] = Math.max(end[p], end[i]);
    deepest[p] = Math.max(deepest[p], deepest[i]);
  }
  for (let i = 1; i < n; i++) {
    start[i] = next[parent[i]];
    next[parent[i]] += total[i];
    next[i] = start[i];
  }
  return { total, start, end, deepest };
}

// Nodes by depth, from left to right: row d is nodes[first[d]] .. nodes[first[d + 1] - 1].
function arrangeRows({ n, depth }, depths) {
  const first = new Int32Array(depths + 1), nodes = new Int32Array(n);
  for (let i = 0; i < n; i++) first[depth[i] + 1]++;
  for (let d = 0; d < depths; d++) first[d + 1] += first[d];
  const fill = first.slice();
  for (let i = 0; i < n; i++) nodes[fill[depth[i]]++] = i;
  return { first, nodes };
}

function decodeProfile(data) {
  const nodes = decodeNodes(data.tree);
  const measures = measureNodes(nodes);
  const depths = measures.deepest[0] + 1;
  return { ...nodes, ...measures, depths, names: decodeNames(data.names), rows: arrangeRows(nodes, depths) };
}

// The place in row d of the first node that ends right of x.
function findInRow(profile, d, x, from = profile.rows.first[d]) {
  const { rows, start, total } = profile;
  let low = from, high = rows.first[d + 1];
  while (low < high) {
    const middle = (low + high) >> 1, i = rows.nodes[middle];
    if (start[i] + total[i] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The frame of a depth at x, or -1.
function frameAt(profile, d, x) {
  if (d < 0 || d >= profile.depths) return -1;
  const at = findInRow(profile, d, x);
  if (at >= profile.rows.first[d + 1]) return -1;
  const i = profile.rows.nodes[at];
  return profile.start[i] <= x ? i : -1;
}

function isAncestor(profile, ancestor, i) {
  return ancestor <= i && i < profile.end[ancestor];
}

// The frame that called this one ('out'), its widest callee ('in'), the next in its row ('left', 'right'); -1: none.
function neighbour(profile, i, way) {
  const { rows, depth, total, end } = profile;
  if (way === 'out') return profile.parent[i];
  if (way === 'in') {
    let widest = -1;
    for (let c = i + 1; c < end[i]; c = end[c])
      if (widest < 0 || total[c] > total[widest]) widest = c;
    return widest;
  }
  const at = findInRow(profile, depth[i], profile.start[i]) + (way === 'right' ? 1 : -1);
  return at >= rows.first[depth[i]] && at < rows.first[depth[i] + 1] ? rows.nodes[at] : -1;
}

// A search text to a regular expression: small letters match both cases. What isn't a valid expression
// is searched for as it is.
function toPattern(text) {
  const flags = /\p{Lu}/u.test(text) ? 'u' : 'iu';
  try {
    return { pattern: new RegExp(text, flags), isValid: true };
  } catch {
    return { pattern: new RegExp(text.replace(/[.*+?^${}()|[\]\\/-]/g, (c) => (c === '-' ? '-' : `\\${c}`)), flags), isValid: false };
  }
}

// Which names match, the samples below matching frames (each once), and the outermost matching frames from the
// widest to the narrowest.
function search(profile, pattern) {
  const hits = new Uint8Array(profile.names.length);
  profile.names.forEach((name, k) => { hits[k] = pattern.test(name) ? 1 : 0; });
  const frames = [];
  let total = 0;
  for (let i = 1; i < profile.n;) {
    if (hits[profile.name[i]]) {
      total += profile.total[i];
      frames.push(i);
      i = profile.end[i];
    } else {
      i++;
    }
  }
  frames.sort((a, b) => profile.total[b] - profile.total[a] || a - b);
  return { hits, total, frames };
}

// Samples by the kind of code that ran: the frames' own samples.
function shareByKind(profile) {
  const shares = new Float64Array(KINDS.length);
  for (let i = 1; i < profile.n; i++) {
    const mixed = profile.mixed.get(i), self = profile.self[i];
    if (!self) continue;
    if (!mixed) {
      shares[profile.kind[i]] += self;
      continue;
    }
    const all = profile.total[i], [interpreted, c1, inlined] = mixed;
    shares[KIND_INTERPRETED] += self * interpreted / all;
    shares[KIND_C1] += self * c1 / all;
    shares[KIND_INLINED] += self * inlined / all;
    shares[KIND_JIT] += self * (all - interpreted - c1 - inlined) / all;
  }
  return shares;
}

// --- texts ------------------------------------------------------------------------------------------

const formatCount = (v) => v.toLocaleString('en-US');

function formatPercent(part, whole) {
  const p = whole ? part / whole * 100 : 0;
  if (p > 0 && p < 0.01) return '< 0.01 %';
  return `${p.toFixed(p >= 99.95 || p === 0 ? 0 : p < 10 ? 2 : 1)} %`;
}

function formatDuration(ms) {
  const s = ms / 1000;
  if (s < 60) return `${s.toFixed(s < 10 ? 1 : 0)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
}

// java.util.HashMap.put:612 -> package 'java.util.', owner 'HashMap.', method 'put:612'. Packages are
// the leading parts in small letters before a class.
function splitName(name, kind) {
  const whole = { package: '', owner: '', method: name };
  if (!isJava(kind) && kind !== KIND_NATIVE) return whole;
  const pack = /^(?:[\p{Ll}_][\p{L}\p{N}_$-]*\.)+(?=\p{Lu})/u.exec(name)?.[0] ?? '';
  if (!isJava(kind) && !pack) return whole; // a function of a library
  const rest = name.slice(pack.length);
  const dot = rest.lastIndexOf('.');
  return { package: pack, owner: rest.slice(0, dot + 1), method: rest.slice(dot + 1) };
}

if (typeof module !== 'undefined') {
  module.exports = {
    KINDS, decodeProfile, findInRow, frameAt, isAncestor, neighbour, toPattern, search, shareByKind, splitName,
    formatCount, formatPercent, formatDuration,
  };
}
