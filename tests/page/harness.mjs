// harness.mjs — a test runner of the suite's form, the browser, and what a page should show: computed from jfr2flame's
// collapsed stacks, which don't go through any of the page's code.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
export const testdata = path.join(here, '../../testdata');
const tool = process.env.JFR2FLAME;
const scratch = process.env.PAGE_DIR;

// --- tests ---------------------------------------------------------------------------------------------

const tests = [];
export const test = (name, run) => tests.push({ name, run });

export function equal(actual, expected, what = 'value') {
  const [a, b] = [actual, expected].map((v) => JSON.stringify(v));
  if (a !== b) throw new Error(`${what} is ${a}, expected ${b}`);
}
export function holds(condition, what) {
  if (!condition) throw new Error(what);
}

export async function runAll() {
  let passed = 0, failed = 0;
  for (const { name, run } of tests) {
    const open = [];
    try {
      await run((options) => openPage(options, open));
      for (const page of open) equal(page.problems, [], 'what the page did wrong');
      console.log(`ok page.${name}`);
      passed++;
    } catch (error) {
      console.log(`not ok page.${name} (${String(error.message).split('\n')[0]})`);
      console.log(String(error.stack).replace(/^/gm, '#   '));
      failed++;
    }
    for (const page of open) await page.context().close();
  }
  console.log(`# passed=${passed} failed=${failed} skipped=0`);
  await browser.close();
  process.exitCode = failed ? 1 : 0;
}

// --- the browser ---------------------------------------------------------------------------------------

const browser = await chromium.launch({
  executablePath: process.env.BROWSER,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// A page that notes every error, warning and request that is not for itself in page.problems.
async function openPage({ file, hash = '', width = 1200, height = 700, ratio = 1, color = 'light', still = true }, open) {
  const context = await browser.newContext({
    viewport: { width, height }, deviceScaleFactor: ratio, colorScheme: color,
    reducedMotion: still ? 'reduce' : 'no-preference',
  });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  page.problems = [];
  open.push(page);
  page.on('console', (message) => page.problems.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => page.problems.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => { page.problems.push('dialog'); dialog.dismiss(); });
  page.on('request', (request) => {
    const isOwn = request.url().split('#')[0] === url || request.url().startsWith('data:image/svg+xml,');
    if (!isOwn) page.problems.push(`request: ${request.url()}`);
  });
  await page.goto(url + hash);
  await page.waitForSelector('html[data-ready=true]', { state: 'attached' });
  return page;
}

// Waits until read() gives what is expected, and says what it gave when it never does.
export async function eventually(read, expected, what) {
  const end = Date.now() + 10000;
  let value;
  do {
    value = await read();
    if (JSON.stringify(value) === JSON.stringify(expected)) return;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  } while (Date.now() < end);
  equal(value, expected, what);
}

// --- what a page should show ------------------------------------------------------------------------------

// Runs jfr2flame: { html, stacks: [{ frames, count }], total }.
export function convert(recording, name, ...options) {
  const html = path.join(scratch, `${name}.html`), collapsed = path.join(scratch, `${name}.collapsed`);
  const input = path.join(testdata, recording);
  for (const out of [html, collapsed])
    execFileSync(tool, [...options, '-o', out, input], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stacks = readFileSync(collapsed, 'utf8').trimEnd().split('\n').map((line) => {
    const space = line.lastIndexOf(' ');
    return { frames: line.slice(0, space).split(';'), count: Number(line.slice(space + 1)) };
  });
  return { html, stacks, total: stacks.reduce((sum, s) => sum + s.count, 0) };
}

// Samples of the stacks with a frame that matches.
export const matching = (profile, pattern) => profile.stacks
  .filter((s) => s.frames.some((f) => pattern.test(f)))
  .reduce((sum, s) => sum + s.count, 0);

// The frame at the end of a path of names: how many samples, and from which on, children being in the order of their bytes.
export function locate(profile, names) {
  let stacks = profile.stacks, start = 0;
  names.forEach((name, d) => {
    const bytes = Buffer.from(name);
    const before = stacks.filter((s) => s.frames[d] !== undefined && Buffer.compare(Buffer.from(s.frames[d]), bytes) < 0);
    start += before.reduce((sum, s) => sum + s.count, 0);
    stacks = stacks.filter((s) => s.frames[d] === name);
  });
  const sum = (list) => list.reduce((n, s) => n + s.count, 0);
  return {
    depth: names.length, start, total: sum(stacks),
    self: sum(stacks.filter((s) => s.frames.length === names.length)),
  };
}

const ROW = 20, MARGIN = 6; // page.js

// The middle of a frame on the screen when the graph is not zoomed nor scrolled away from its root; with
// `zoomed`, when that frame fills the width.
export async function pointOf(page, profile, frame, { zoomed = null, inverted = false } = {}) {
  const box = await page.locator('#canvas').boundingBox();
  const view = zoomed ?? { start: 0, total: profile.total };
  const scale = (box.width - 2 * MARGIN) / view.total;
  const from = Math.max(frame.start, view.start);
  const to = Math.min(frame.start + frame.total, view.start + view.total);
  const y = MARGIN + frame.depth * ROW + ROW / 2;
  return {
    x: box.x + MARGIN + ((from + to) / 2 - view.start) * scale,
    y: inverted ? box.y + y : box.y + box.height - y,
  };
}

export const root = (profile) => ({ depth: 0, start: 0, total: profile.total, self: 0 });
export const percentText = (part, whole) => {
  const p = part / whole * 100;
  return `${p.toFixed(p >= 99.95 || p === 0 ? 0 : p < 10 ? 2 : 1)} %`;
};

// The hash of the URL as an object.
export const hashOf = (page) => Object.fromEntries(new URLSearchParams(new URL(page.url()).hash.slice(1)));

// The tooltip's name (with its package) and its rows, or null while it is hidden.
export const tooltipOf = (page) => page.evaluate(() => {
  const tooltip = document.getElementById('tooltip');
  if (tooltip.hidden) return null;
  const text = (selector) => tooltip.querySelector(selector)?.textContent ?? '';
  const rows = [...tooltip.querySelectorAll('tr')].map((r) => [...r.children].map((c) => c.textContent));
  return { name: `${text('.package')}${text('.package') && '.'}${text('.name')}`, rows };
});

export async function hover(page, point) {
  await page.mouse.move(point.x, point.y);
  await page.evaluate(() => new Promise((resolve) => { // moves of the mouse are told once per frame
    requestAnimationFrame(() => requestAnimationFrame(resolve));
  }));
  await eventually(async () => await tooltipOf(page) !== null, true, 'a tooltip');
  return tooltipOf(page);
}

// The colour of a pixel of the canvas, [r, g, b], at a point of the screen.
export const pixelAt = (page, point) => page.evaluate(({ x, y }) => {
  const canvas = document.getElementById('canvas'), box = canvas.getBoundingClientRect();
  const one = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const context = one.getContext('2d', { willReadFrequently: true });
  const at = (v) => Math.floor(v * devicePixelRatio);
  context.drawImage(canvas, at(x - box.left), at(y - box.top), 1, 1, 0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}, point);
export const isMagenta = ([r, g, b]) => r > 180 && g < 110 && b > 120;
