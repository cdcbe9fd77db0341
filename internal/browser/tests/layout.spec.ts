import { App, delegation } from "./app";
import { fits, smallest } from "./fits";
import { expect, test } from "./fixtures";
import { continueWithPasskey, createIdentity, pressContinue } from "./person";
import { SessionKey } from "./whoami";

// That every screen fits the smallest window that WCAG asks for (1.4.10: 320
// px, which is also a desk at 400 %), stands still, and weighs little.

test("the sign-in fits 320 px, with the longest names", async ({ newcomer }) => {
  const app = await App.open(newcomer, `https://${"a-very-long-name-".repeat(3)}.${"of-an-app-".repeat(5)}.example`);
  const window = await app.openWindow();
  await fits(window, "connecting");
  await app.post(delegation("a", new SessionKey().der));
  await expect(window.getByRole("button", { name: "Continue with passkey" })).toBeVisible();
  await fits(window, "picker");
  await continueWithPasskey(window);
  await fits(window, "chooser");
  await window.getByRole("button", { name: "Create new identity" }).click();
  await fits(window, "name");
  await window.getByPlaceholder("Identity name").fill("Wolfeschlegelsteinhausenbergerdorff".repeat(2).slice(0, 64));
  await window.keyboard.press("Enter");
  await expect(window.getByRole("heading", { name: "Continue to" })).toBeVisible();
  await fits(window, "continue");
  await window.getByRole("button", { name: "Switch identity" }).click();
  await fits(window, "switcher");
  await window.keyboard.press("Escape");
  await window.getByRole("switch").click();
  await window.getByRole("button", { name: "Add another account" }).click();
  await fits(window, "account");
  await window.getByPlaceholder("Account name").fill("m".repeat(32));
  await window.keyboard.press("Enter");
  await expect(window.getByRole("button", { name: "Edit mmm" })).toBeVisible();
  await fits(window, "accounts");
});

test("the start page and what goes wrong fit 320 px", async ({ newcomer }) => {
  const page = await newcomer.context.newPage();
  await newcomer.authenticator.ready(page);
  await page.goto(newcomer.service.url);
  await expect(page.getByRole("button", { name: "Create new identity" })).toBeVisible();
  await fits(page, "start");
  await createIdentity(page, "Ada");
  await expect(page.getByRole("heading", { name: "Hello, Ada" })).toBeVisible();
  await fits(page, "start, known");
  const app = await App.open(newcomer, "https://shop.example");
  const window = await app.openWindow();
  await app.post(delegation("bad", new SessionKey().der, { maxTimeToLive: "soon" }));
  await expect(window.getByRole("heading", { name: "Invalid request" })).toBeVisible();
  await fits(window, "invalid request");
});

test("nothing moves by itself during a sign-in, and little is loaded, from nowhere else", async ({ ada }) => {
  const app = await App.open(ada, "https://shop.example");
  await ada.context.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(self, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) shifts.push(entry.value);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const loaded = new Map<string, number>();
  const pending: Promise<void>[] = [];
  ada.context.on("requestfinished", (request) => {
    pending.push(request.sizes().then(({ responseBodySize }) => void loaded.set(request.url(), responseBodySize)));
  });
  const window = await app.openWindow();
  await app.post(delegation("a", new SessionKey().der));
  await expect(window.getByRole("button", { name: "Continue", exact: true })).toBeVisible();
  await pressContinue(window);
  await expect(window.getByRole("heading", { name: "Signed in" })).toBeVisible();
  expect(await window.evaluate(() => (self as unknown as { shifts: number[] }).shifts)).toEqual([]);

  await Promise.all(pending);
  const { url } = ada.service;
  expect([...loaded.keys()].filter((address) => !address.startsWith(`${url}/`))).toEqual([]);
  const scripts = [...loaded].filter(([address]) => address.endsWith(".js"));
  expect(scripts.length).toBeGreaterThan(1);
  // Bytes, compressed.
  expect(scripts.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(120_000);
});

test("the policy of every page allows no inline code and no evaluation", async ({ ada }) => {
  for (const path of ["/", "/authorize"]) {
    const response = await ada.context.request.get(ada.service.url + path);
    const policy = response.headers()["content-security-policy"];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe/);
  }
});
