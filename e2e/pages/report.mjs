// Files a report by keyboard alone, with script switched off, in English and Arabic: seven questions, details
// with a file, review, receipt, mailbox. Checks each page on the way as check.mjs checks the others.
//
//   node report.mjs BASE [FOLDER for pictures]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const TABS_MAX = 300;
const [base, pictures] = process.argv.slice(2);
if (!base) throw new Error("say which BASE address to look at");
if (pictures) mkdirSync(pictures, { recursive: true });

let problems = 0;
function expect(holds, what) {
  if (holds) return;
  problems += 1;
  console.log(`  ${what}`);
}

// Presses Tab until the element that `wanted` matches has the focus.
async function tabTo(page, wanted) {
  for (let step = 0; step < TABS_MAX; step += 1) {
    if (await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, wanted)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${wanted}`);
}

async function type(page, wanted, text) {
  await tabTo(page, wanted);
  await page.keyboard.insertText(text);
}

// The arrows choose within a group of radio buttons; the first one has the focus when it is entered.
async function choose(page, name, value) {
  await tabTo(page, `input[type=radio][name="${name}"]`);
  const values = await page.evaluate(
    (group) => [...document.querySelectorAll(`input[name="${group}"]`)].map((one) => one.value),
    name,
  );
  await page.keyboard.press("Space");
  for (let step = 0; step < values.indexOf(value); step += 1) await page.keyboard.press("ArrowDown");
  expect(await page.locator(`input[name="${name}"][value="${value}"]`).isChecked(), `${name} is not ${value}`);
}

async function press(page, wanted) {
  await tabTo(page, wanted);
  await Promise.all([page.waitForLoadState("load"), page.waitForEvent("load"), page.keyboard.press("Enter")]);
}

async function look(browser, page, name) {
  expect((await page.locator("h1").count()) === 1, `${name}: not exactly one h1`);
  expect(!page.url().includes("?"), `${name}: something stands in the address: ${page.url()}`);
  // The page as it is, opened again where axe may run and colours may change.
  const html = await page.content();
  for (const scheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1280, height: 900 } });
    const copy = await context.newPage();
    await copy.route(page.url(), (route) => route.fulfill({ body: html, contentType: "text/html; charset=utf-8" }));
    await copy.goto(page.url(), { waitUntil: "load" });
    await copy.evaluate(axe);
    const result = await copy.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
    for (const one of result.violations) {
      expect(false, `${name} ${scheme}: axe ${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
    }
    for (const width of [1280, 390, 320]) {
      await copy.setViewportSize({ width, height: 900 });
      if (pictures && width !== 320) await copy.screenshot({ path: `${pictures}/${name}-${scheme}-${width}.png`, fullPage: true });
    }
    const [wide, limit] = await copy.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect(wide <= limit, `${name} ${scheme}: ${wide} px wide at ${limit}`);
    await context.close();
  }
}

async function file(browser, lang, folder) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${base}/${lang}/report`, { waitUntil: "load" });
  await type(page, "[name=system]", "Assist");
  await type(page, "[name=description]", "too short");
  await press(page, "button[value=continue]");
  expect((await page.locator("#errors").count()) === 1, `${lang}: no summary of what was refused`);
  expect(await page.evaluate(() => document.activeElement?.id === "errors"), `${lang}: the summary has no focus`);
  expect((await page.locator("[name=system]").inputValue()) === "Assist", `${lang}: an answer was lost`);
  await look(browser, page, `${lang}-report-refused`);
  await tabTo(page, "[name=version]");
  await page.keyboard.insertText("4.2");
  await tabTo(page, "[name=description]");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText("Nested role templates let the second role speak with the rights of the first.");
  await type(page, "[name=steps]", "Open a chat and send the template.");
  await tabTo(page, "[name=harms]");
  await page.keyboard.press("Space");
  await choose(page, "public", "no");
  await choose(page, "attacks", "suspected");
  await choose(page, "reach", "code");
  await press(page, "button[value=continue]");
  await look(browser, page, `${lang}-report-details`);
  await type(page, "[name=trials]", "50");
  await type(page, "[name=hits]", "37");
  const log = join(folder, "transcript.txt");
  writeFileSync(log, "one line\n");
  await page.setInputFiles("[name=files]", log);
  await press(page, "button[value=continue]");
  await look(browser, page, `${lang}-report-review`);
  expect((await page.content()).includes("transcript.txt"), `${lang}: the file is not in the review`);
  await press(page, "button[value=submit]");
  await look(browser, page, `${lang}-report-received`);
  expect(/nv-r-\d{4}-\d{5}/.test(await page.content()), `${lang}: no report id`);
  const code = (await page.locator("output").innerText()).trim();
  expect(/^(\d{4} ){4}\d{4}$/.test(code), `${lang}: the code is ${code}`);
  await tabTo(page, "form[action$='/mailbox'] button");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  expect(await page.evaluate(() => document.activeElement?.id === "saved"), `${lang}: the box has no focus`);
  await page.keyboard.press("Space");
  await press(page, "form[action$='/mailbox'] button");
  await look(browser, page, `${lang}-mailbox-open`);
  await type(page, "#text", "Here is one more thing.");
  await press(page, "form[action$='/mailbox/send'] button");
  expect((await page.content()).includes("Here is one more thing."), `${lang}: the message is not shown`);
  await look(browser, page, `${lang}-mailbox-thread`);
  await page.goto(`${base}/${lang}/mailbox`, { waitUntil: "load" });
  await type(page, "#code", code.replaceAll(" ", "-"));
  await press(page, "form[action$='/mailbox'] button");
  expect((await page.content()).includes("Here is one more thing."), `${lang}: the code does not open the mailbox`);
  expect((await context.cookies()).length === 0, `${lang}: sets a cookie`);
  await context.close();
}

const folder = mkdtempSync(join(tmpdir(), "comity-e2e-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  for (const lang of ["en", "ar"]) await file(browser, lang, folder);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(problems ? `report flow: ${problems} problems` : "report flow: passed in en and ar");
process.exitCode = problems ? 1 : 0;
