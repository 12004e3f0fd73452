// What a reader of the page may rely on, checked in Chromium on every state of the gallery. Called by `html` beside it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [gallery, shots, only = ""] = process.argv.slice(2).map((path, i) => (path && i < 2 ? resolve(path) : path));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const states = readdirSync(gallery).filter((name) => name.endsWith(".html") && name.includes(only)).sort();
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  // As root, and without the browser's own calls home.
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

// A page on which any error, dialog or request but the one for the file itself fails the check.
const open = async (name, { hash = "", ...options } = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.setDefaultTimeout(5_000);
  const url = `file://${join(gallery, name)}`;
  const faults = [];
  page.on("console", (message) => faults.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url().split("#")[0] !== url) faults.push(`request: ${request.url()}`); });
  const started = performance.now();
  await page.goto(url + hash, { waitUntil: "domcontentloaded" });
  const close = async () => {
    assert.deepEqual(faults, [], name);
    await context.close();
  };
  return { page, close, started };
};
const count = (page) => page.locator("#cards > .card").count();
const total = (page) => page.evaluate(() => JSON.parse(document.getElementById("index")?.textContent ?? "[]").length);
const settled = async (page, expected) => {
  await page.waitForFunction((text) => document.getElementById("count").textContent === text, expected);
  await page.waitForFunction(() => !document.querySelector("#cards:empty") || document.getElementById("count").textContent.startsWith("0"));
};
const background = (page) => page.evaluate(() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
  return (r + g + b) / 3;
});
const en = (number) => number.toLocaleString("en");
const said = (some, all) => `${some === all ? "" : `${en(some)} of `}${en(all)} ${all === 1 ? "finding" : "findings"}`;

const checks = {
  async "the controls work"(name) {
    const { page, close } = await open(name);
    const all = await total(page);
    if (all === 0) {
      assert.equal(await page.locator("#tools").count(), 0);
      return close();
    }
    for (const key of ["outcome", "app", "category"]) {
      const isTyped = key === "app";
      const values = await page.locator(isTyped ? "#apps option" : `#${key} option`)
        .evaluateAll((options, skip) => options.slice(skip).map((o) => o.value), isTyped ? 0 : 1);
      assert.ok(values.length > 0, key);
      const expected = await page.evaluate(([key, value]) => JSON.parse(document.getElementById("index").textContent)
        .filter((row) => row[{ outcome: 4, app: 1, category: 2 }[key]] === value).length, [key, values[0]]);
      assert.ok(expected > 0, `${key} ${values[0]}: nothing found`);
      if (isTyped) await page.locator("#app").fill(values[0]);
      else await page.locator(`#${key}`).selectOption(values[0]);
      await settled(page, said(expected, all));
      assert.equal(await count(page) >= Math.min(expected, 25), true);
      await page.locator(`#tools [type=reset]`).click();
      await settled(page, said(all, all));
    }
    await page.locator("#sort").selectOption("app");
    await page.waitForTimeout(100);
    const apps = await page.locator(".card .kicker .app").allTextContents();
    assert.deepEqual(apps, apps.toSorted((a, b) => (a < b ? -1 : Number(a > b))), "sorted by app");
    await page.locator("#sort").selectOption("change");
    await page.waitForTimeout(100);
    const changes = (await page.locator(".card .change").allTextContents()).map((text) => parseFloat(text.replace(/at least|[−+,]/g, "")) || Infinity);
    assert.deepEqual(changes.slice(0, 5), changes.slice(0, 5).toSorted((a, b) => b - a), "sorted by change");
    await page.locator("#tools [type=reset]").click();
    await page.locator("#q").fill("no such thing as this");
    await settled(page, said(0, all));
    assert.equal(await count(page), 0);
    assert.ok(await page.locator("#empty").isVisible(), "nothing found says what to do");
    await page.locator("#clear").click();
    await settled(page, said(all, all));
    return close();
  },

  async "what is asked for stands in the address"(name) {
    const { page, close } = await open(name);
    const all = await total(page);
    if (all === 0) return close();
    const app = await page.locator("#apps option").first().getAttribute("value");
    await page.locator("#app").fill(app);
    await page.locator("#sort").selectOption("change");
    const [expected, address] = await page.evaluate(() => [document.getElementById("count").textContent, location.hash]);
    await close();
    const again = await open(name, { hash: address });
    await settled(again.page, expected);
    assert.equal(await again.page.locator("#app").inputValue(), app);
    assert.equal(await again.page.locator("#sort").inputValue(), "change");
    return again.close();
  },

  async "a card is found by its devices and its code, and can be marked as known"(name) {
    const { page, close } = await open(name);
    if (await total(page) === 0 || name.startsWith("many-")) return close();
    const card = page.locator(".card").first();
    const id = await card.getAttribute("id");
    const words = [card.locator(".panel .label bdi").first(), card.locator("details[data-print] td code").last()];
    for (const word of words) {
      if (await word.count() === 0) continue;
      const text = (await word.textContent()).trim();
      if (text.includes("…")) continue;
      await page.locator("#q").fill(text);
      await page.waitForTimeout(100);
      assert.ok(await page.locator(`#${id}`).count() > 0, `${text} does not find its card`);
      await page.locator("#q").fill("");
      await page.waitForTimeout(100);
    }
    await page.locator(`#${id} [data-copy=waiver]`).click();
    await page.waitForFunction(() => document.body.textContent.includes("Copied"));
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^\[\[waiver\]\]\nfinding = "[0-9a-f]{16}"\nreason = "known: .*"\nuntil = \d{4}-\d\d-\d\d\n$/);
    return close();
  },

  async "a link finds its card, wherever it is"(name) {
    const first = await open(name);
    const ids = await first.page.evaluate(() => JSON.parse(document.getElementById("index")?.textContent ?? "[]").map((row) => row[0]));
    await first.close();
    for (const id of new Set([ids[0], ids.at(-1)].filter(Boolean))) {
      const { page, close } = await open(name, { hash: `#finding-${id}` });
      await page.waitForFunction((wanted) => document.activeElement?.closest(".card")?.id === wanted, `finding-${id}`);
      const top = await page.locator(`#finding-${id}`).evaluate((card) => card.getBoundingClientRect().top);
      assert.ok(top > -50 && top < 900, `${id} at ${top}`);
      await close();
    }
  },

  async "the keyboard reaches everything"(name) {
    const { page, close } = await open(name);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    const wanted = await page.evaluate(() => (document.getElementById("q") ? ["q", "plot", "SUMMARY", "command", "copy"] : []));
    const seen = new Set();
    for (let i = 0; i < 60 && wanted.some((name) => !seen.has(name)); i += 1) {
      await page.keyboard.press("Tab");
      const [id, first, tag] = await page.evaluate(() => {
        const at = document.activeElement;
        return [at.id, at.classList[0], at.tagName];
      });
      if (first === "plot" && !seen.has("plot")) {
        await page.keyboard.press("ArrowRight");
        assert.ok((await page.locator(".readout").first().textContent()).length > 3, "the arrow keys read values");
      }
      if (tag === "SUMMARY" && !seen.has("SUMMARY")) {
        await page.keyboard.press("Enter");
        assert.ok(await page.evaluate(() => document.activeElement.parentElement.open));
      }
      for (const name of [id, first, tag]) seen.add(name);
    }
    assert.deepEqual(wanted.filter((name) => !seen.has(name)), [], "not reached");
    return close();
  },

  async "light and dark, by the system and by the switch"(name) {
    for (const [colorScheme, isDark] of [["light", false], ["dark", true]]) {
      const { page, close } = await open(name, { colorScheme });
      assert.equal(await background(page) < 80, isDark);
      const other = isDark ? "light" : "dark";
      while (!(await page.locator("#theme").textContent()).endsWith(other)) await page.locator("#theme").click();
      assert.equal(await background(page) < 80, !isDark);
      await close();
    }
  },

  async "nothing is wider than the screen"(name) {
    for (const width of [390, 1280]) {
      const { page, close } = await open(name, { viewport: { width, height: 900 } });
      const widest = await page.evaluate((width) => Array.from(document.querySelectorAll("body *"))
        .filter((node) => node.getBoundingClientRect().right > width + 1 && !node.closest(".scroll, .command, pre, svg"))
        .map((node) => `${node.tagName}.${node.className} ${node.textContent.slice(0, 40)}`)[0], width);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `${width} pixels: ${widest}`);
      await close();
    }
  },

  async "paper"(name) {
    const { page, close } = await open(name, { colorScheme: "dark" });
    if (name.startsWith("many-5")) return close();
    await page.emulateMedia({ media: "print" });
    assert.ok(await background(page) === 0 || await background(page) > 200, "no dark ground on paper");
    assert.equal(await page.locator("#tools").isVisible(), false);
    const pdf = await page.pdf();
    assert.ok(pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 10_000);
    return close();
  },

  async "without a script"(name) {
    const { page, close } = await open(name, { javaScriptEnabled: false });
    assert.ok(await page.locator("h1").isVisible());
    assert.equal(await page.locator("#tools").count() === 0 || !(await page.locator("#tools").isVisible()), true);
    const told = await page.locator("#count").count() ? parseInt((await page.locator("#count").textContent()).replace(",", "")) : 0;
    assert.equal(await count(page), Math.min(100, told));
    if (told) assert.ok(await page.locator(".card svg.chart, .card .note").first().isVisible());
    return close();
  },

  async "an accessibility checker has nothing to say"(name) {
    if (name.startsWith("many-")) return;
    for (const colorScheme of ["light", "dark"]) {
      const { page, close } = await open(name, { colorScheme });
      await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const faults = violations.map((v) => `${v.id}: ${v.nodes.length} × ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary}`);
      assert.deepEqual(faults, [], colorScheme);
      await close();
    }
  },

  async "copies Markdown in which nothing acts"(name) {
    const { page, close } = await open(name);
    if (await total(page) === 0) return close();
    for (const card of (await page.locator(".card").all()).slice(0, 9)) {
      await card.locator("[data-copy=markdown]").click();
      await page.waitForFunction(() => document.body.textContent.includes("Copied"));
      const text = await page.evaluate(() => navigator.clipboard.readText());
      assert.match(text, /^### \S/);
      assert.match(text, /^\| version \| /m);
      const outside = text.replace(/^```[\s\S]*/m, "");
      assert.doesNotMatch(outside, /(?<!\\)[<>`]/, "markup in Markdown");
    }
    return close();
  },

  async "flame graphs zoom, search and take the keyboard"(name) {
    const { page, close } = await open(name);
    const details = page.locator("details:has(.flame)").first();
    if (await details.count() === 0) return close();
    await details.locator("summary").click();
    const frames = details.locator("svg.frame");
    const all = await frames.count();
    const before = await frames.nth(3).getAttribute("width");
    await frames.nth(3).click({ position: { x: 3, y: 5 } });
    assert.equal(await frames.nth(3).getAttribute("width"), "100%");
    assert.ok(await details.locator("svg.frame:not([hidden])").count() < all);
    await frames.nth(3).focus();
    await page.keyboard.press("Escape");
    assert.equal(parseFloat(await frames.nth(3).getAttribute("width")), parseFloat(before));
    await frames.nth(0).focus();
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.frame), "1");
    await details.locator("input").fill("sqlite");
    assert.ok(await details.locator("svg.frame.found").count() > 0);
    return close();
  },
};

let failed = 0;
for (const name of states) {
  const size = statSync(join(gallery, name)).size;
  console.log(`${name} (${en(size)} bytes)`);
  for (const [what, check] of Object.entries(checks)) {
    try {
      await check(name);
    } catch (error) {
      failed += 1;
      console.log(`  FAILED ${what}: ${error.message}`);
    }
  }
  if (!/many|showcase/.test(name)) continue;
  const { page, close, started } = await open(name);
  const loaded = performance.now() - started;
  await page.locator("#q").fill("app 04");
  await page.waitForFunction(() => / of /.test(document.getElementById("count").textContent));
  const interactive = performance.now() - started;
  console.log(`  loaded after ${loaded.toFixed(0)} ms, a search answered after ${interactive.toFixed(0)} ms`);
  if (interactive > 2_000) {
    failed += 1;
    console.log("  FAILED interactive within 2 s");
  }
  await close();
}

if (shots) {
  mkdirSync(shots, { recursive: true });
  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, close } = await open("showcase.html", { viewport: { width, height: width === 390 ? 1400 : 1960 }, colorScheme });
      if (width === 390) await page.locator(".card").first().evaluate((card) => card.scrollIntoView());
      await page.screenshot({ path: join(shots, `showcase-${width}-${colorScheme}.png`) });
      await close();
    }
  }
}
await browser.close();
console.log(failed ? `${failed} checks failed` : "all checks passed");
process.exitCode = failed ? 1 : 0;
