// page_test.mjs — jfr2flame's page, used as a person would: every test opens a page of its own; errors, console messages and
// network requests of the page fail the test.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  convert, equal, eventually, hashOf, holds, hover, isMagenta, locate, matching, percentText, pixelAt, pointOf,
  root, runAll, test, tooltipOf,
} from './harness.mjs';

const plain = convert('jdk17.jfr', 'plain');
const threads = convert('jdk17.jfr', 'threads', '--threads', '--title', '<b>"title"</b> & </script>');
const MAIN = 'Workload.main', WORK = 'Workload.work', SORT = 'Workload.sortNumbers';
const status = (page) => page.locator('#status').textContent();
const matched = (page) => page.locator('#matched').textContent();
const zoomOf = (page) => hashOf(page).zoom ?? '';

// --- opening --------------------------------------------------------------------------------------------

test('opens with the facts of the recording', async (open) => {
  const page = await open({ file: plain.html });
  equal(await page.title(), 'jdk17.jfr');
  equal(await page.locator('h1').textContent(), 'jdk17.jfr');
  const facts = await page.locator('#facts').textContent();
  for (const fact of [`${plain.total} samples`, 'Workload 2', 'OpenJDK 64-Bit Server VM 17.0.21.1+2', '2026-11-23', 'UTC', '2.1 s'])
    holds(facts.includes(fact), `"${facts}" has no "${fact}"`);
  const legend = await page.locator('#legend').textContent();
  holds(legend.includes('JIT compiled') && legend.includes('Interpreted'), `legend is "${legend}"`);
});

test('may not load anything: a request is stopped by its own policy', async (open) => {
  const page = await open({ file: plain.html });
  const stopped = await page.evaluate(() => new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', (e) => resolve(e.violatedDirective), { once: true });
    fetch('http://127.0.0.1:9/').catch(() => setTimeout(() => resolve('nothing stopped it'), 2000));
  }));
  equal(stopped, 'connect-src');
  holds(page.problems.every((p) => /Content Security Policy|Fetch API cannot load/.test(p)), page.problems.join());
  page.problems.length = 0;
});

// --- tooltip --------------------------------------------------------------------------------------------

test('tooltip tells frame, samples, share and self', async (open) => {
  const page = await open({ file: plain.html });
  for (const names of [[MAIN], [MAIN, WORK], [MAIN, WORK, SORT]]) {
    const frame = locate(plain, names);
    holds(frame.total > 20, `${names} has too few samples to be a test`);
    const tip = await hover(page, await pointOf(page, plain, frame));
    equal(tip.name, names.at(-1));
    equal(tip.rows[0], ['Total', percentText(frame.total, plain.total), `${frame.total} samples`]);
    equal(tip.rows[1], ['Self', percentText(frame.self, plain.total), `${frame.self} sample${frame.self === 1 ? '' : 's'}`]);
  }
  const tip = await hover(page, await pointOf(page, plain, root(plain)));
  equal(tip.name, 'all');
  equal(tip.rows[0][2], `${plain.total} samples`);
  await page.mouse.move(600, 20);
  await eventually(() => tooltipOf(page), null, 'tooltip off the graph');
});

// --- zoom -----------------------------------------------------------------------------------------------

test('click zooms, a faded ancestor and reset zoom back', async (open) => {
  const page = await open({ file: plain.html });
  const main = locate(plain, [MAIN]), sort = locate(plain, [MAIN, WORK, SORT]);
  holds(sort.total < main.total && main.total < plain.total, 'frames are of different widths');
  const click = async (frame, options) => {
    const point = await pointOf(page, plain, frame, options);
    await page.mouse.click(point.x, point.y);
  };
  await click(sort);
  await eventually(async () => (await status(page)).startsWith(SORT), true, 'status after zoom');
  const sortHash = zoomOf(page);
  holds(Number(sortHash) > 0, 'zoom is in the URL');
  const { width } = await page.locator('#canvas').boundingBox();
  for (const x of [8, width / 2, width - 8]) { // it fills the width
    const point = await pointOf(page, plain, sort, { zoomed: sort });
    equal((await hover(page, { x, y: point.y })).name, SORT);
  }
  const tip = await hover(page, await pointOf(page, plain, sort, { zoomed: sort }));
  equal(tip.rows[0][3], '100 % of zoomed');
  const edge = async (options) => { // above the labels, where a frame has its plain colour
    const point = await pointOf(page, plain, main, options);
    return { x: point.x, y: point.y - 8 };
  };
  const whiteness = async (options) => (await pixelAt(page, await edge(options))).reduce((a, b) => a + b);
  await page.mouse.move(2, 2);
  const faded = await whiteness({ zoomed: sort });
  await click(main, { zoomed: sort });
  await eventually(async () => (await status(page)).startsWith(MAIN), true, 'status after unzoom');
  equal(await page.locator('#reset').isDisabled(), false);
  await page.locator('#reset').click();
  await eventually(() => zoomOf(page), '', 'zoom after reset');
  const plainly = await whiteness();
  holds(faded > plainly + 60, `the faded ancestor is hardly lighter: ${faded}, ${plainly}`);
  equal(await page.locator('#reset').isDisabled(), true);
  equal((await hover(page, await pointOf(page, plain, sort))).name, SORT);
});

test('the browser goes back to the zoom before', async (open) => {
  const page = await open({ file: plain.html });
  const work = locate(plain, [MAIN, WORK]), point = await pointOf(page, plain, work);
  await page.mouse.click(point.x, point.y);
  await eventually(async () => (await status(page)).startsWith(WORK), true, 'status');
  await page.goBack();
  await eventually(() => status(page), '', 'status after going back');
  await page.goForward();
  await eventually(async () => (await status(page)).startsWith(WORK), true, 'status after going forward');
});

test('an animated zoom ends where the still one does', async (open) => {
  const page = await open({ file: plain.html, still: false });
  const sort = locate(plain, [MAIN, WORK, SORT]), point = await pointOf(page, plain, sort);
  await page.mouse.click(point.x, point.y);
  const end = await pointOf(page, plain, sort, { zoomed: sort });
  await eventually(async () => {
    await page.mouse.move(14, end.y - 1);
    await page.mouse.move(12, end.y);
    return (await tooltipOf(page))?.name;
  }, SORT, 'frame at the left edge');
});

// --- search ---------------------------------------------------------------------------------------------

for (const [text, pattern] of [['Workload.sort', /workload.sort/i], ['sort|merge', /sort|merge/i], ['HashMap\\.\\w+$', /HashMap\.\w+$/],
  ['recurse', /recurse/i], ['nothing like this', /nothing like this/i], ['^all$', /^$./]]) {
  test(`search for ${text} tells the matched share`, async (open) => {
    const page = await open({ file: plain.html });
    await page.fill('#query', text);
    await eventually(() => matched(page), `matched ${percentText(matching(plain, pattern), plain.total)}`, 'verdict');
    equal(hashOf(page).q, text);
  });
}

test('search is for small and capital letters only when it has a capital one', async (open) => {
  const page = await open({ file: plain.html });
  holds(matching(plain, /hashmap/i) > 0 && matching(plain, /HASHMAP/) === 0, 'the recording has HashMap');
  await page.fill('#query', 'hashmap');
  await eventually(() => matched(page), `matched ${percentText(matching(plain, /hashmap/i), plain.total)}`, 'small');
  await page.fill('#query', 'HASHMAP');
  await eventually(() => matched(page), 'matched 0 %', 'capital');
});

test('matching frames turn magenta and others do not', async (open) => {
  const page = await open({ file: plain.html });
  const sort = locate(plain, [MAIN, WORK, SORT]), work = locate(plain, [MAIN, WORK]);
  const left = async (frame) => {
    const point = await pointOf(page, plain, frame);
    return { x: point.x, y: point.y - 8 }; // above the label
  };
  equal(isMagenta(await pixelAt(page, await left(sort))), false, 'magenta before');
  await page.fill('#query', 'sortNumbers');
  await eventually(async () => isMagenta(await pixelAt(page, await left(sort))), true, 'magenta');
  equal(isMagenta(await pixelAt(page, await left(work))), false, 'magenta of the parent');
  for (const id of ['previous', 'next', 'clear']) equal(await page.locator(`#${id}`).isVisible(), true, id);
  await page.locator('#clear').click();
  await eventually(async () => isMagenta(await pixelAt(page, await left(sort))), false, 'magenta after clearing');
  equal(await matched(page), '');
  for (const id of ['previous', 'next', 'clear']) equal(await page.locator(`#${id}`).isVisible(), false, id);
});

test('an invalid expression is searched for as text and marked', async (open) => {
  const page = await open({ file: plain.html });
  await page.fill('#query', '(');
  await eventually(() => matched(page), 'matched 0 %', 'verdict');
  equal(await page.locator('#search').getAttribute('class'), 'is-wrong');
  await page.fill('#query', 'main');
  await eventually(() => page.locator('#search').getAttribute('class'), '', 'mark');
});

test('Ctrl+F goes to the search, N and Shift+N through the matches, Esc back', async (open) => {
  const page = await open({ file: plain.html });
  await page.keyboard.press('Control+f');
  equal(await page.evaluate(() => document.activeElement.id), 'query');
  await page.keyboard.type('sortNumbers');
  await eventually(async () => (await matched(page)).startsWith('matched'), true, 'verdict');
  await page.locator('#canvas').focus();
  const at = async () => (await matched(page)).match(/^(\d+) of (\d+)/)?.slice(1).map(Number) ?? [];
  await page.keyboard.press('n');
  await eventually(async () => (await at())[0], 1, 'place');
  const [, n] = await at();
  holds(n > 1, `only ${n} match`);
  await eventually(async () => (await status(page)).startsWith(SORT), true, 'status');
  const first = zoomOf(page);
  await page.keyboard.press('n');
  await eventually(async () => (await at())[0], 2, 'place');
  holds(zoomOf(page) !== first, 'the second match is another frame');
  await page.keyboard.press('Shift+N');
  await eventually(async () => (await at())[0], 1, 'place');
  equal(zoomOf(page), first);
  await page.keyboard.press('Shift+N');
  await eventually(async () => (await at())[0], n, 'place, round the end');
  await page.keyboard.press('Escape');
  await eventually(() => matched(page), '', 'verdict after Esc');
  holds(zoomOf(page) !== '', 'the first Esc leaves the zoom');
  await page.keyboard.press('Escape');
  await eventually(() => zoomOf(page), '', 'zoom after the second Esc');
});

// --- directions, themes, keys -----------------------------------------------------------------------------

test('I and the button turn the graph upside down', async (open) => {
  const page = await open({ file: plain.html });
  const sort = locate(plain, [MAIN, WORK, SORT]);
  await page.keyboard.press('i');
  await eventually(() => hashOf(page).inverted, '1', 'hash');
  equal(await page.locator('#invert').getAttribute('aria-pressed'), 'true');
  equal((await hover(page, await pointOf(page, plain, root(plain), { inverted: true }))).name, 'all');
  equal((await hover(page, await pointOf(page, plain, sort, { inverted: true }))).name, SORT);
  await page.locator('#invert').click();
  await eventually(() => hashOf(page).inverted, undefined, 'hash');
  equal((await hover(page, await pointOf(page, plain, sort))).name, SORT);
});

test('D turns dark, and the system decides at first', async (open) => {
  const theme = (page) => page.evaluate(() => document.documentElement.dataset.theme);
  const corner = async (page) => pixelAt(page, { x: 2, y: (await page.locator('#canvas').boundingBox()).y + 2 });
  const page = await open({ file: plain.html });
  equal(await theme(page), 'light');
  equal(await corner(page), [255, 255, 255]);
  await page.keyboard.press('d');
  await eventually(async () => (await corner(page)).every((v) => v < 40), true, 'dark background');
  equal([await theme(page), hashOf(page).theme], ['dark', 'dark']);
  equal(await page.locator('#theme').getAttribute('aria-pressed'), 'true');
  const dark = await open({ file: plain.html, color: 'dark' });
  equal([await theme(dark), hashOf(dark).theme], ['dark', undefined]);
});

test('arrow keys move between frames and Enter zooms', async (open) => {
  const page = await open({ file: plain.html });
  await page.locator('#canvas').focus();
  const moved = async (key, name) => {
    await page.keyboard.press(key);
    await eventually(async () => (await tooltipOf(page))?.name, name, `after ${key}`);
  };
  await moved('ArrowUp', 'all');
  await moved('ArrowUp', widestChild([]));
  await moved('ArrowUp', widestChild([widestChild([])]));
  await moved('ArrowDown', widestChild([]));
  holds((await status(page)).startsWith(widestChild([])), 'status follows');
  const children = childrenOf([]), i = children.indexOf(widestChild([]));
  const [key, back] = i + 1 < children.length ? ['ArrowRight', 'ArrowLeft'] : ['ArrowLeft', 'ArrowRight'];
  await moved(key, children[key === 'ArrowRight' ? i + 1 : i - 1]);
  await moved(back, widestChild([]));
  await page.keyboard.press('Enter');
  await eventually(async () => zoomOf(page) !== '', true, 'zoom');
  await page.keyboard.press('0');
  await eventually(() => zoomOf(page), '', 'zoom after 0');
});

function childrenOf(names) {
  const below = plain.stacks.filter((s) => names.every((n, d) => s.frames[d] === n) && s.frames.length > names.length);
  return [...new Set(below.map((s) => s.frames[names.length]))].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function widestChild(names) {
  return childrenOf(names).reduce((a, b) =>
    (locate(plain, [...names, b]).total > locate(plain, [...names, a]).total ? b : a));
}

test('the keys are told by ?', async (open) => {
  const page = await open({ file: plain.html });
  await page.keyboard.press('?');
  equal(await page.locator('#keys').isVisible(), true);
  await page.keyboard.press('Escape');
  equal(await page.locator('#keys').isVisible(), false);
});

// --- state in the URL ---------------------------------------------------------------------------------------

test('a page opened with a URL has its zoom, search, direction and theme', async (open) => {
  const page = await open({ file: plain.html });
  const sort = locate(plain, [MAIN, WORK, SORT]), point = await pointOf(page, plain, sort);
  await page.mouse.click(point.x, point.y);
  await eventually(async () => zoomOf(page) !== '', true, 'zoom');
  await page.fill('#query', 'Arrays');
  await eventually(() => hashOf(page).q, 'Arrays', 'query');
  await page.locator('#canvas').focus();
  await page.keyboard.press('i');
  await page.keyboard.press('d');
  await eventually(() => hashOf(page).theme, 'dark', 'theme');
  const again = await open({ file: plain.html, hash: new URL(page.url()).hash });
  equal(hashOf(again), hashOf(page));
  equal(await again.inputValue('#query'), 'Arrays');
  equal(await matched(again), await matched(page));
  equal(await again.evaluate(() => document.documentElement.dataset.theme), 'dark');
  equal((await hover(again, await pointOf(again, plain, sort, { zoomed: sort, inverted: true }))).name, SORT);
});

for (const hash of ['#zoom=99999999', '#zoom=-1', '#zoom=x&q=%28%5B', '#nonsense', '#zoom=1.5&inverted=7']) {
  test(`the URL ${hash} does no harm`, async (open) => {
    const page = await open({ file: plain.html, hash });
    equal((await hover(page, await pointOf(page, plain, root(plain)))).name, 'all');
  });
}

// --- texts of the recording -----------------------------------------------------------------------------------

test('names that look like HTML are only text', async (open) => {
  const page = await open({ file: threads.html });
  equal(await page.title(), '<b>"title"</b> & </script>');
  equal(await page.locator('h1').textContent(), '<b>"title"</b> & </script>');
  const name = childrenOfThreads().find((n) => n.includes('worker'));
  holds(name.startsWith('[worker <b>"1" & co tid='), name);
  const tip = await hover(page, await pointOf(page, threads, locate(threads, [name])));
  equal(tip.name, name);
  equal(await page.locator('body b, body img').filter({ hasNot: page.locator('#none') })
    .evaluateAll((found) => found.filter((e) => !e.closest('#legend')).length), 0);
  await page.fill('#query', '<b>"1" & co');
  await eventually(() => matched(page), `matched ${percentText(matching(threads, /<b>"1" & co/), threads.total)}`, 'verdict');
});

const childrenOfThreads = () => [...new Set(threads.stacks.map((s) => s.frames[0]))];

// --- size -----------------------------------------------------------------------------------------------------

test('the canvas follows the window and the density of the screen', async (open) => {
  const page = await open({ file: plain.html, ratio: 2, width: 1000, height: 600 });
  const sizes = () => page.evaluate(() => {
    const canvas = document.getElementById('canvas'), main = document.getElementById('scroller');
    return { canvas: [canvas.width, canvas.height], main: [main.clientWidth * 2, main.clientHeight * 2] };
  });
  const before = await sizes();
  equal(before.canvas, before.main, 'size');
  await page.setViewportSize({ width: 700, height: 900 });
  await eventually(async () => {
    const now = await sizes();
    return now.canvas[0] < before.canvas[0] && now.canvas[1] > before.canvas[1] ? [now.canvas[0] - now.main[0], now.canvas[1] - now.main[1]] : now;
  }, [0, 0], 'difference after resizing');
  equal(await page.evaluate(() => document.documentElement.scrollWidth), 700, 'width of what is laid out');
  const sort = locate(plain, [MAIN, WORK, SORT]);
  equal((await hover(page, await pointOf(page, plain, sort))).name, SORT);
});

// A page with other data: nodes in preorder, { name, up, self }, in the form that out_html.c describes.
function pageWith(file, names, nodes) {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const number = (v) => {
    let text = '';
    for (; v >= 32; v = Math.floor(v / 32)) text += digits[32 | v % 32];
    return text + digits[v];
  };
  const data = JSON.parse(/id="data">(.*?)<\/script>/s.exec(readFileSync(plain.html, 'utf8'))[1]);
  data.names = names.map((n) => `AA${n}\n`).join('');
  data.tree = nodes.map((n) => number(n.name) + number(n.up * 32 + 1) + number(n.self)).join('');
  const html = readFileSync(plain.html, 'utf8').replace(/(id="data">).*?(<\/script>)/s,
    (_, open, close) => open + JSON.stringify(data).replace(/</g, '\\u003c') + close);
  const out = path.join(process.env.PAGE_DIR, file);
  writeFileSync(out, html);
  return out;
}

test('a stack 2,000 frames deep is reached by scrolling on a canvas no bigger than the window', async (open) => {
  const nodes = Array.from({ length: 2000 }, (_, d) => ({ name: d % 3, up: 0, self: d === 1999 ? 5 : 0 }));
  const page = await open({ file: pageWith('deep.html', ['a.B.c', 'd.E.f', 'top'], nodes) });
  const size = await page.evaluate(() => [document.getElementById('canvas').height, innerHeight]);
  holds(size[0] < size[1], `canvas ${size[0]} of ${size[1]}`);
  equal((await hover(page, { x: 300, y: (await page.locator('footer').boundingBox()).y - 10 })).rows[0][2], '5 samples');
  await page.mouse.move(300, 20);
  await page.evaluate(() => { document.getElementById('scroller').scrollTop = 0; });
  const top = (await page.locator('#canvas').boundingBox()).y;
  await eventually(async () => {
    await page.mouse.move(300 + Math.random(), top + 16);
    return (await tooltipOf(page))?.rows[1][2];
  }, '5 samples', 'self of the topmost frame');
});

test('300,000 frames open and are searched at once', async (open) => {
  const names = Array.from({ length: 1000 }, (_, k) => `app.Class${String(k).padStart(4, '0')}.method`);
  const nodes = [{ name: 0, up: 0, self: 0 }];
  for (let k = 0; k < 100000; k++) // three frames per stack
    nodes.push({ name: k % 1000, up: k ? 3 : 0, self: 1 }, { name: (k * 7) % 1000, up: 0, self: 1 }, { name: (k * 13) % 1000, up: 0, self: 1 });
  const file = pageWith('wide.html', names, nodes);
  const begin = Date.now();
  const page = await open({ file });
  const opened = Date.now() - begin;
  await page.evaluate(() => {
    const input = document.getElementById('query'), output = document.getElementById('matched');
    window.searched = new Promise((resolve) => {
      const start = performance.now();
      new MutationObserver(() => resolve(performance.now() - start)).observe(output, { childList: true });
      input.value = 'Class0[0-4]';
      input.dispatchEvent(new Event('input'));
    });
  });
  const searched = await page.evaluate(() => window.searched);
  console.log(`# 300,000 frames: open ${opened} ms, search with its pause for typing ${Math.round(searched)} ms`);
  holds(/^matched [1-9]/.test(await matched(page)), await matched(page));
  holds(opened < 10000 && searched < 5000, `open ${opened} ms, search ${searched} ms`); // an order of magnitude of room
});

test('frames can be reached without a mouse and everything has a name', async (open) => {
  const page = await open({ file: plain.html });
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, input, canvas')]
    .filter((e) => !e.getAttribute('aria-label') && !e.textContent.trim()).map((e) => e.id));
  equal(nameless, [], 'elements without a name');
  const reached = [];
  for (let k = 0; k < 8; k++) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement.id));
  }
  for (const id of ['query', 'invert', 'theme', 'help', 'canvas'])
    holds(reached.includes(id), `Tab never reaches ${id}: ${reached}`);
});

await runAll();
