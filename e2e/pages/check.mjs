// Opens the pages of a hub in a browser and checks what only a browser can tell:
// axe-core finds nothing, 320 px needs no sideways scrolling, the focus goes in page order,
// nothing is asked from elsewhere, nothing depends on script. Saves a picture of each page.
//
//   node check.mjs BASE [--pages FILE] [--pictures FOLDER] [--langs en,ar] [--suffix .html]
//
// FILE holds one path a line, without language; by default pages.txt beside this file.
// BASE is on loopback, for example http://127.0.0.1:8470. CHROMIUM names the browser.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const FOCUS_MAX = 200;

function options(words) {
  const found = { base: "", pages: new URL("pages.txt", import.meta.url), pictures: "", langs: "en,ar", suffix: "" };
  for (let at = 0; at < words.length; at += 1) {
    if (words[at].startsWith("--")) found[words[at].slice(2)] = words[(at += 1)];
    else found.base = words[at].replace(/\/$/, "");
  }
  if (!found.base) throw new Error("say which BASE address to look at");
  return found;
}

// axe runs from the test's own world, so the page's policy against script stays as it is.
async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  return result.violations.map((one) => `axe ${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

async function overflow(page) {
  const wide = await page.evaluate(() => {
    const limit = document.documentElement.clientWidth;
    const root = document.documentElement.scrollWidth;
    if (root <= limit) return [];
    const all = [...document.querySelectorAll("body *")];
    const out = all.filter((one) => one.getBoundingClientRect().right > limit + 1 || one.getBoundingClientRect().left < -1);
    return [`${root} px wide at ${limit}`, ...out.slice(0, 5).map((one) => `${one.tagName.toLowerCase()}.${one.className}`)];
  });
  return wide.length ? [`overflow: ${wide.join(" ")}`] : [];
}

// Tab from the top: the skip link first, then in document order, each stop visible and ringed.
async function focusOrder(page) {
  await page.evaluate(() => { document.activeElement?.blur?.(); window.scrollTo(0, 0); });
  const problems = [];
  let last = -1;
  for (let step = 0; step < FOCUS_MAX; step += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body || one === document.documentElement) return null;
      const box = one.getBoundingClientRect();
      const style = getComputedStyle(one);
      return {
        place: [...document.querySelectorAll("*")].indexOf(one),
        name: `${one.tagName.toLowerCase()}${one.id ? `#${one.id}` : ""}`,
        skip: one.classList.contains("skip"),
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
        ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      };
    });
    if (!stop) break;
    if (step === 0 && !stop.skip && last === -1 && !(await page.$("[autofocus]"))) problems.push(`first focus is ${stop.name}`);
    if (stop.place <= last) break;
    if (!stop.seen) problems.push(`focus out of sight: ${stop.name}`);
    if (!stop.ring) problems.push(`no focus ring: ${stop.name}`);
    last = stop.place;
  }
  if (last === -1) problems.push("nothing takes the focus");
  return problems;
}

async function smallTargets(page) {
  return page.evaluate(() => {
    const controls = [...document.querySelectorAll("button, .button, input:not([type=hidden]), select, textarea, summary")];
    const small = controls.filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width > 0 && (box.width < 24 || box.height < 24);
    });
    return small.map((one) => `target under 24 px: ${one.tagName.toLowerCase()} ${one.textContent.trim().slice(0, 30)}`);
  });
}

async function look(browser, address, name, scheme, wanted) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const problems = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(wanted.base) && !url.startsWith("data:")) problems.push(`asks another origin: ${url}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("status of")) problems.push(`console: ${message.text()}`);
  });
  await page.goto(address, { waitUntil: "load" });
  problems.push(...(await focusOrder(page)));
  problems.push(...(await violations(page)), ...(await smallTargets(page)));
  if (wanted.pictures) await page.screenshot({ path: `${wanted.pictures}/${name}-${scheme}-1280.png`, fullPage: true });
  await page.setViewportSize({ width: 390, height: 844 });
  if (wanted.pictures) await page.screenshot({ path: `${wanted.pictures}/${name}-${scheme}-390.png`, fullPage: true });
  await page.setViewportSize({ width: 320, height: 700 });
  problems.push(...(await overflow(page)));
  await context.close();
  // Without script the page must say the same.
  const bare = await browser.newContext({ javaScriptEnabled: false });
  const still = await bare.newPage();
  await still.goto(address, { waitUntil: "load" });
  if ((await still.locator("h1").count()) !== 1) problems.push("not exactly one h1 without script");
  if ((await bare.cookies()).length) problems.push("sets a cookie");
  await bare.close();
  return problems;
}

const wanted = options(process.argv.slice(2));
const paths = readFileSync(wanted.pages, "utf8").split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
if (wanted.pictures) mkdirSync(wanted.pictures, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
let passed = 0;
let failed = 0;
for (const lang of wanted.langs.split(",")) {
  for (const path of paths) {
    for (const scheme of ["light", "dark"]) {
      const name = `${lang}${path === "/" ? "-front" : path.replaceAll(/[/?=]/g, "-")}`;
      const address = `${wanted.base}/${lang}${path}${path === "/" ? "" : wanted.suffix}`;
      const problems = [...new Set(await look(browser, address, name, scheme, wanted))];
      if (problems.length) {
        failed += 1;
        console.log(`${name} ${scheme}\n  ${problems.join("\n  ")}`);
      } else passed += 1;
    }
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
