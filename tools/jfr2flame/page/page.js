// page.js — draws the profile of model.js on a canvas as big as the window's view of it, and reacts.
// Rows are drawn only where they are visible, and frames narrower than a pixel are drawn as one, so
// that the work depends on the window, not on the profile.
'use strict';

(() => {
  const ROW = 20, GAP = 1, PAD = 8, MARGIN = 6;
  const FONT = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($('data').textContent);
  const profile = decodeProfile(data);
  const all = profile.total[0];
  const canvas = $('canvas'), scroller = $('scroller'), tooltip = $('tooltip');
  const context = canvas.getContext('2d');
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const prefersStill = matchMedia('(prefers-reduced-motion: reduce)');

  const state = { zoom: 0, query: '', inverted: false, dark: prefersDark.matches };
  let found = null; // of search()
  let match = -1; // place in found.frames
  let hovered = -1, selected = -1;
  let pointer = null; // the last event of the mouse over the canvas
  let view = { x0: 0, x1: all }; // what the canvas shows now, in samples
  let animation = 0, frameRequest = 0;
  let width = 0, height = 0;

  // --- texts --------------------------------------------------------------------------------------

  const nameOf = (i) => profile.names[profile.name[i]];
  const samples = (v) => `${formatCount(v)} ${v === 1 ? data.unit.replace(/s$/, '') : data.unit}`;

  function factsText() {
    const started = new Date(data.startMs).toISOString().slice(0, 19).replace('T', ' ');
    const facts = [`CPU  ·  ${samples(all)}`, data.command, data.jvm, `${started} UTC`, formatDuration(data.durationMs)];
    return facts.filter(Boolean).join('  ·  ');
  }

  function element(tag, className, text) {
    const e = document.createElement(tag);
    if (className) e.className = className;
    if (text !== undefined) e.textContent = text;
    return e;
  }

  // --- colours ------------------------------------------------------------------------------------

  // Same name, same colour: the name shifts hue and lightness a little.
  function hashName(name) {
    let h = 2166136261;
    for (let k = 0; k < name.length; k++) h = Math.imul(h ^ name.charCodeAt(k), 16777619);
    return (h ^ h >>> 15) >>> 0;
  }

  const palette = new Map();
  function colorOf(i) {
    const key = profile.name[i] * 8 + profile.kind[i];
    let color = palette.get(key);
    if (!color) {
      const { hue, darkHue, saturation } = KINDS[profile.kind[i]];
      const h = hashName(nameOf(i));
      const turn = (h & 15) - 7.5, light = (h >>> 4 & 15) - 7.5;
      color = state.dark
        ? `hsl(${(darkHue ?? hue) + turn} ${saturation * 0.72}% ${35 + light * 0.6}%)`
        : `hsl(${hue + turn} ${saturation + 6}% ${77 + light * 0.55}%)`;
      palette.set(key, color);
    }
    return color;
  }
  const swatch = (kind) => state.dark
    ? `hsl(${KINDS[kind].darkHue ?? KINDS[kind].hue} ${KINDS[kind].saturation * 0.8}% 45%)`
    : `hsl(${KINDS[kind].hue} ${KINDS[kind].saturation + 6}% 70%)`;
  let ink; // the theme's other colours
  function inkOf(dark) {
    return dark
      ? { text: '#f3f5f8', package: 'rgb(243 245 248 / 62%)', match: '#d63aa8', matchText: '#fff',
          matchPackage: 'rgb(255 255 255 / 70%)', edge: '#fff', focus: '#8fb6ff', background: '#101318' }
      : { text: '#15191f', package: 'rgb(21 25 31 / 58%)', match: '#ee3fb9', matchText: '#fff',
          matchPackage: 'rgb(255 255 255 / 78%)', edge: '#15191f', focus: '#1d5ae0', background: '#ffffff' };
  }

  // --- geometry -----------------------------------------------------------------------------------

  const contentHeight = () => (profile.deepest[state.zoom] + 1) * ROW + 2 * MARGIN;
  const fullHeight = () => Math.max(contentHeight(), height);
  // Top of row d in the canvas.
  function rowTop(d) {
    const y = state.inverted ? MARGIN + d * ROW : fullHeight() - MARGIN - (d + 1) * ROW;
    return y - scroller.scrollTop;
  }
  const rowAt = (y) => Math.floor((state.inverted
    ? y + scroller.scrollTop - MARGIN
    : fullHeight() - MARGIN - (y + scroller.scrollTop)) / ROW);
  const scale = () => (width - 2 * MARGIN) / (view.x1 - view.x0);
  const toX = (v) => MARGIN + (v - view.x0) * scale();
  const fromX = (x) => view.x0 + (x - MARGIN) / scale();

  // --- drawing ------------------------------------------------------------------------------------

  const widths = new Map(); // text -> width
  function widthOf(text) {
    let w = widths.get(text);
    if (w === undefined) {
      if (widths.size > 50000) widths.clear();
      widths.set(text, w = context.measureText(text).width);
    }
    return w;
  }

  // The longest form of a name that fits: with package, class and method, method, a part of it.
  function fitLabel(i, room) {
    const parts = splitName(nameOf(i).replace(/[+/]0x[0-9a-f]+(\/\d+)?/, ''), profile.kind[i]); // hidden classes
    const short = parts.owner + parts.method;
    if (parts.package && widthOf(parts.package) + widthOf(short) <= room) return [parts.package, short];
    if (widthOf(short) <= room) return ['', short];
    if (parts.owner && widthOf(parts.method) <= room) return ['', parts.method];
    const text = parts.owner ? parts.method : short;
    const fits = Math.floor(text.length * (room - widthOf('…')) / widthOf(text));
    return fits >= 2 ? ['', `${text.slice(0, fits)}…`] : null;
  }

  function drawFrame(i, y) {
    const x0 = Math.max(toX(profile.start[i]), MARGIN);
    const x1 = Math.min(toX(profile.start[i] + profile.total[i]), width - MARGIN);
    const isMatch = found !== null && found.hits[profile.name[i]] === 1 && i > 0;
    const isFaded = profile.depth[i] < profile.depth[state.zoom];
    const w = Math.max(x1 - x0 - (x1 - x0 > 3 ? GAP : 0), 0.75);
    context.globalAlpha = isFaded ? 0.42 : found !== null && !isMatch ? 0.62 : 1;
    context.fillStyle = isMatch ? ink.match : colorOf(i);
    if (w > 8) {
      context.beginPath();
      context.roundRect(x0, y, w, ROW - GAP, 3);
      context.fill();
    } else {
      context.fillRect(x0, y, w, ROW - GAP);
    }
    if (w > 26) drawLabel(i, x0, y, w, isMatch);
    context.globalAlpha = 1;
  }

  function drawLabel(i, x, y, w, isMatch) {
    const label = fitLabel(i, w - 2 * PAD + 4);
    if (!label) return;
    const [pack, rest] = label;
    const middle = y + (ROW - GAP) / 2 + 0.5;
    let at = x + PAD - 2;
    if (pack) {
      context.fillStyle = isMatch ? ink.matchPackage : ink.package;
      context.fillText(pack, at, middle);
      at += widthOf(pack);
    }
    context.fillStyle = isMatch ? ink.matchText : ink.text;
    context.fillText(rest, at, middle);
  }

  function drawRow(d) {
    const { rows, start, total } = profile, y = rowTop(d), last = rows.first[d + 1];
    const pixel = 1 / scale();
    for (let at = findInRow(profile, d, view.x0); at < last;) {
      const i = rows.nodes[at];
      if (start[i] >= view.x1) return;
      drawFrame(i, y);
      const end = start[i] + total[i];
      if (total[i] >= pixel) {
        at++;
      } else { // skip what would be drawn on the same pixel
        at = Math.max(at + 1, findInRow(profile, d, Math.max(end, start[i] + pixel * 0.75), at));
      }
    }
  }

  function outline(i, color, lineWidth) {
    const y = rowTop(profile.depth[i]);
    const x0 = Math.max(toX(profile.start[i]), MARGIN);
    const x1 = Math.min(toX(profile.start[i] + profile.total[i]), width - MARGIN);
    if (x1 <= x0) return;
    context.strokeStyle = color;
    context.lineWidth = lineWidth;
    context.beginPath();
    const w = Math.max(x1 - x0 - GAP, 1.5), inset = lineWidth / 2;
    context.roundRect(x0 + inset, y + inset, Math.max(w - lineWidth, 0.5), ROW - GAP - lineWidth, 2.5);
    context.stroke();
  }

  function draw() {
    frameRequest = 0;
    const ratio = devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = ink.background;
    context.fillRect(0, 0, width, height);
    context.font = `12px ${FONT}`;
    context.textBaseline = 'middle';
    const a = rowAt(0), b = rowAt(height);
    const last = Math.min(Math.max(a, b), profile.deepest[state.zoom]);
    for (let d = Math.max(Math.min(a, b), 0); d <= last; d++) drawRow(d);
    if (selected >= 0) outline(selected, ink.focus, 2.5);
    if (hovered >= 0 && hovered !== selected) outline(hovered, ink.edge, 1.5);
    canvas.dataset.drawn = String(Number(canvas.dataset.drawn || 0) + 1);
  }

  function requestDraw() {
    if (!frameRequest) frameRequest = requestAnimationFrame(draw);
  }

  function resize() {
    const ratio = devicePixelRatio || 1;
    const keep = fullHeight() - scroller.scrollTop; // distance to the bottom
    width = scroller.clientWidth;
    height = scroller.clientHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    layOut();
    if (!state.inverted && keep > 0) scroller.scrollTop = fullHeight() - keep;
    draw(); // at once: resizing has cleared the canvas
  }

  // The spacer makes the scrolled height; the canvas stays in view and is part of it.
  function layOut() {
    $('spacer').style.height = `${Math.max(fullHeight() - height, 0)}px`;
  }

  const scrollToRoot = () => { scroller.scrollTop = state.inverted ? 0 : fullHeight(); };

  function scrollToFrame(i) {
    const y = rowTop(profile.depth[i]);
    if (y < MARGIN) scroller.scrollTop += y - 3 * ROW;
    else if (y + ROW > height - MARGIN) scroller.scrollTop += y + ROW - height + 3 * ROW;
  }

  // --- zoom ---------------------------------------------------------------------------------------

  function moveView(target) {
    cancelAnimationFrame(animation);
    const from = { ...view }, begin = performance.now();
    if (prefersStill.matches || document.hidden) {
      view = target;
      followMove();
      return;
    }
    const step = (now) => {
      const t = Math.min(Math.max((now - begin) / 200, 0), 1), eased = 1 - (1 - t) ** 3;
      view = t < 1
        ? { x0: from.x0 + (target.x0 - from.x0) * eased, x1: from.x1 + (target.x1 - from.x1) * eased }
        : target;
      draw();
      if (t < 1) animation = requestAnimationFrame(step);
      else followMove();
    };
    animation = requestAnimationFrame(step);
  }

  function applyZoom(i) {
    const before = fullHeight() - scroller.scrollTop;
    state.zoom = i;
    layOut();
    if (!state.inverted) scroller.scrollTop = fullHeight() - before;
    scrollToFrame(i);
    moveView({ x0: profile.start[i], x1: profile.start[i] + profile.total[i] });
    $('reset').disabled = i === 0;
    tellStatus();
  }

  function zoomTo(i) {
    if (i === state.zoom) return;
    hideTooltip();
    applyZoom(i);
    writeHash(true);
  }

  // --- search -------------------------------------------------------------------------------------

  function applySearch(text) {
    state.query = text;
    match = -1;
    found = null;
    let isValid = true;
    if (text) {
      const compiled = toPattern(text);
      isValid = compiled.isValid;
      found = search(profile, compiled.pattern);
    }
    $('search').classList.toggle('is-wrong', !isValid);
    for (const id of ['previous', 'next', 'clear']) $(id).hidden = !text;
    $('query-key').hidden = Boolean(text);
    tellMatched();
    requestDraw();
  }

  function tellMatched() {
    if (!found) {
      $('matched').textContent = '';
      return;
    }
    const place = match >= 0 ? `${match + 1} of ${formatCount(found.frames.length)}  ·  ` : '';
    $('matched').textContent = `${place}matched ${formatPercent(found.total, all)}`;
  }

  function goToMatch(step) {
    if (!found || !found.frames.length) return;
    const n = found.frames.length;
    match = match < 0 ? (step > 0 ? 0 : n - 1) : (match + step + n) % n;
    selected = found.frames[match];
    zoomTo(selected);
    scrollToFrame(selected);
    tellMatched();
    tellStatus();
    requestDraw();
  }

  // --- status, legend and tooltip -----------------------------------------------------------------

  function describe(i) {
    return `${nameOf(i)}, ${samples(profile.total[i])}, ${formatPercent(profile.total[i], all)}`;
  }

  function tellStatus() {
    const i = selected >= 0 ? selected : state.zoom;
    $('status').textContent = i > 0 ? describe(i) : '';
  }

  function fillLegend() {
    const shares = shareByKind(profile), legend = $('legend');
    legend.replaceChildren();
    KINDS.forEach((kind, k) => {
      if (!shares[k]) return;
      const item = element('li'), color = element('i');
      color.style.background = swatch(k);
      item.append(color, kind.name, element('b', '', formatPercent(shares[k], all)));
      legend.append(item);
    });
  }

  function kindText(i) {
    const mixed = profile.mixed.get(i), total = profile.total[i];
    if (!mixed) return i === 0 ? 'All samples' : KINDS[profile.kind[i]].name;
    const [interpreted, c1, inlined] = mixed;
    return [[KIND_JIT, total - interpreted - c1 - inlined], [KIND_INLINED, inlined], [KIND_C1, c1],
      [KIND_INTERPRETED, interpreted]]
      .filter(([, v]) => v > 0)
      .sort((a, b) => b[1] - a[1])
      .map(([k, v]) => `${KINDS[k].name} ${formatPercent(v, total)}`)
      .join(' · ');
  }

  function tooltipRow(label, value, ...shares) {
    const row = element('tr');
    row.append(element('th', '', label), element('td', '', value));
    for (const share of shares) row.append(element('td', '', share));
    return row;
  }

  function fillTooltip(i) {
    const parts = splitName(nameOf(i), profile.kind[i]);
    const kind = element('div', 'kind'), color = element('i');
    color.style.background = i === 0 ? swatch(0) : colorOf(i);
    kind.append(color, element('span', '', kindText(i)));
    const table = element('table'), total = profile.total[i], self = profile.self[i];
    const zoomed = profile.total[state.zoom];
    const ofZoom = (v) => state.zoom > 0 && isAncestor(profile, state.zoom, i)
      ? [`${formatPercent(v, zoomed)} of zoomed`] : [];
    table.append(tooltipRow('Total', formatPercent(total, all), samples(total), ...ofZoom(total)));
    table.append(tooltipRow('Self', formatPercent(self, all), samples(self), ...ofZoom(self)));
    const bar = element('div', 'bar'), filled = element('span');
    filled.style.width = `${total / all * 100}%`;
    filled.style.background = color.style.background;
    bar.append(filled);
    tooltip.replaceChildren(element('div', 'package', parts.package.slice(0, -1)),
      element('div', 'name', parts.owner + parts.method), kind, table, bar);
    if (profile.hidden[i]) table.append(tooltipRow('Left out', formatPercent(profile.hidden[i], all), 'narrow frames'));
  }

  function showTooltip(i, x, y) {
    fillTooltip(i);
    tooltip.hidden = false;
    const box = tooltip.getBoundingClientRect();
    const left = Math.min(Math.max(x + 14, 12), innerWidth - box.width - 12);
    const below = y + 20, top = below + box.height < innerHeight - 8 ? below : y - box.height - 12;
    tooltip.style.transform = `translate(${Math.round(left)}px, ${Math.round(Math.max(top, 8))}px)`;
  }

  function hideTooltip() {
    tooltip.hidden = true;
    if (hovered >= 0) {
      hovered = -1;
      requestDraw();
    }
  }

  function showTooltipOfFrame(i) {
    const box = canvas.getBoundingClientRect();
    const x0 = Math.max(toX(profile.start[i]), MARGIN);
    showTooltip(i, box.left + x0, box.top + rowTop(profile.depth[i]) + ROW / 2);
  }

  // --- theme and direction ------------------------------------------------------------------------

  function applyTheme(dark) {
    state.dark = dark;
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    $('theme').setAttribute('aria-pressed', String(dark));
    ink = inkOf(dark);
    palette.clear();
    fillLegend();
    requestDraw();
  }

  function applyInverted(inverted) {
    state.inverted = inverted;
    $('invert').setAttribute('aria-pressed', String(inverted));
    scrollToRoot();
    hideTooltip();
    requestDraw();
  }

  // --- state in the URL ---------------------------------------------------------------------------

  let isThemeChosen = false;

  function writeHash(isStep) {
    const hash = new URLSearchParams();
    if (state.zoom) hash.set('zoom', state.zoom);
    if (state.query) hash.set('q', state.query);
    if (state.inverted) hash.set('inverted', '1');
    if (isThemeChosen) hash.set('theme', state.dark ? 'dark' : 'light');
    const url = `#${hash}`;
    if (url === (location.hash || '#')) return;
    history[isStep ? 'pushState' : 'replaceState'](null, '', url);
  }

  function readHash() {
    const hash = new URLSearchParams(location.hash.slice(1));
    const zoom = Number(hash.get('zoom'));
    const theme = hash.get('theme');
    isThemeChosen = theme === 'dark' || theme === 'light';
    applyTheme(isThemeChosen ? theme === 'dark' : prefersDark.matches);
    if (state.inverted !== (hash.get('inverted') === '1')) applyInverted(!state.inverted);
    const query = hash.get('q') ?? '';
    if (query !== state.query) {
      $('query').value = query;
      applySearch(query);
    }
    const target = Number.isInteger(zoom) && zoom > 0 && zoom < profile.n ? zoom : 0;
    selected = -1;
    applyZoom(target);
  }

  // --- events -------------------------------------------------------------------------------------

  function frameUnder(event) {
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left, d = rowAt(event.clientY - box.top);
    if (x < MARGIN || x > width - MARGIN || d > profile.deepest[state.zoom]) return -1;
    return frameAt(profile, d, fromX(x));
  }

  function hoverAt(event) {
    const i = frameUnder(event);
    pointer = event;
    canvas.style.cursor = i >= 0 ? 'pointer' : 'default';
    if (i < 0) {
      hideTooltip();
      return;
    }
    if (i !== hovered) {
      hovered = i;
      requestDraw();
    }
    showTooltip(i, event.clientX, event.clientY);
  }

  // The graph has moved under the pointer, or under the tooltip of the marked frame.
  function followMove() {
    if (pointer) hoverAt(pointer);
    else if (selected >= 0 && !tooltip.hidden) showTooltipOfFrame(selected);
    requestDraw();
  }

  canvas.addEventListener('pointermove', hoverAt);
  canvas.addEventListener('pointerleave', () => { pointer = null; hideTooltip(); });
  canvas.addEventListener('click', (event) => {
    const i = frameUnder(event);
    selected = -1;
    if (i >= 0) zoomTo(i);
    tellStatus();
  });
  scroller.addEventListener('scroll', followMove, { passive: true });

  function moveSelection(key) {
    const isUp = key === 'ArrowUp';
    const way = { ArrowLeft: 'left', ArrowRight: 'right' }[key] ?? (isUp === state.inverted ? 'out' : 'in');
    const next = selected < 0 ? state.zoom : neighbour(profile, selected, way);
    if (next < 0 || (way !== 'out' && !isAncestor(profile, state.zoom, next))) return;
    selected = next;
    pointer = null;
    scrollToFrame(selected);
    showTooltipOfFrame(selected);
    tellStatus();
    requestDraw();
  }

  function escape() {
    if (state.query) {
      setQuery('');
    } else if (state.zoom) {
      selected = -1;
      zoomTo(0);
    } else {
      selected = -1;
      hideTooltip();
      tellStatus();
      requestDraw();
    }
  }

  function setQuery(text) {
    $('query').value = text;
    applySearch(text);
    writeHash(false);
  }

  const toggleInverted = () => { applyInverted(!state.inverted); writeHash(false); };
  const toggleTheme = () => { isThemeChosen = true; applyTheme(!state.dark); writeHash(false); };
  const reset = () => { selected = -1; zoomTo(0); scrollToRoot(); tellStatus(); requestDraw(); };
  const focusSearch = () => { $('query').focus(); $('query').select(); };

  const keys = {
    n: () => goToMatch(1),
    N: () => goToMatch(-1),
    i: toggleInverted,
    I: toggleInverted,
    d: toggleTheme,
    D: toggleTheme,
    0: reset,
    '/': focusSearch,
    '?': () => $('keys').showModal(),
    Escape: escape,
    ArrowUp: () => moveSelection('ArrowUp'),
    ArrowDown: () => moveSelection('ArrowDown'),
    ArrowLeft: () => moveSelection('ArrowLeft'),
    ArrowRight: () => moveSelection('ArrowRight'),
    Enter: () => { if (selected >= 0) zoomTo(selected); },
  };

  document.addEventListener('keydown', (event) => {
    const isFind = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f';
    if (isFind || event.key === 'F3') {
      event.preventDefault();
      if (event.key === 'F3' && found) goToMatch(event.shiftKey ? -1 : 1);
      else focusSearch();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || $('keys').open) return;
    if (event.target === $('query')) {
      if (event.key === 'Escape') { escape(); canvas.focus({ preventScroll: true }); }
      return;
    }
    const isButton = event.target instanceof HTMLButtonElement;
    const action = keys[event.key];
    if (!action || (isButton && event.key === 'Enter')) return;
    event.preventDefault();
    action();
  });

  let typing = 0;
  $('query').addEventListener('input', () => {
    clearTimeout(typing);
    const isBig = profile.n > 100000;
    typing = setTimeout(() => { applySearch($('query').value); writeHash(false); }, isBig ? 150 : 0);
  });
  $('search').addEventListener('submit', (event) => { event.preventDefault(); goToMatch(1); });
  $('next').addEventListener('click', () => goToMatch(1));
  $('previous').addEventListener('click', () => goToMatch(-1));
  $('clear').addEventListener('click', () => setQuery(''));
  $('reset').addEventListener('click', reset);
  $('invert').addEventListener('click', toggleInverted);
  $('theme').addEventListener('click', toggleTheme);
  $('help').addEventListener('click', () => $('keys').showModal());
  prefersDark.addEventListener('change', () => { if (!isThemeChosen) applyTheme(prefersDark.matches); });
  window.addEventListener('popstate', readHash);
  new ResizeObserver(resize).observe(scroller);

  // --- start --------------------------------------------------------------------------------------

  $('title').textContent = data.title;
  $('facts').textContent = factsText();
  $('facts').title = Object.entries(data.events).map(([k, v]) => `${formatCount(v)} ${k}`).join(', ');
  ink = inkOf(state.dark);
  resize();
  readHash();
  scrollToRoot();
  if (state.zoom) scrollToFrame(state.zoom);
  document.documentElement.dataset.ready = 'true';
})();
