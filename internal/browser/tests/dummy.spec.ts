import { InternetIdentityPage } from "@dfinity/internet-identity-playwright";
import type { Page } from "@playwright/test";
import { accessible } from "./accessible";
import { expect, test as base } from "./fixtures";
import { continueWithPasskey, pressContinue, signOut } from "./person";
import { Service } from "./service";

// Dummy authentication, for the end-to-end tests of other people's apps: no
// window here has an authenticator.

const test = base.extend<object, { dummies: Service }>({
  dummies: [
    async ({}, use) => {
      const service = await Service.start({ dummyAuth: "on" });
      await use(service);
      await service.discard();
    },
    { scope: "worker" },
  ],
});

const principalOf = async (demo: Page) => {
  await expect(demo.locator("#verdict")).toHaveText("verified by the server");
  return demo.locator("#principal").innerText();
};

test("the installable helper (2.0.0) makes an identity, and comes back as it", async ({ page, browser, context, dummies }) => {
  const helper = new InternetIdentityPage({ page, browser, context });
  await helper.waitReady({ url: dummies.url.replace("localhost", "127.0.0.1"), canisterId: dummies.canister });
  await page.goto(dummies.demo);
  const selector = "#sign-in";
  const identity = await helper.signInWithNewIdentity({ selector });
  const first = await principalOf(page);
  expect(identity).toBeGreaterThanOrEqual(10_000);
  await signOut(page);
  await helper.signInWithIdentity({ selector, identity });
  expect(await principalOf(page)).toBe(first);
});

// The steps of the helper that can only be read (3.0.0).
async function signInWithII(page: Page, { account }: { account?: string } = {}): Promise<void> {
  const [window] = await Promise.all([page.waitForEvent("popup"), page.locator("#sign-in").click()]);
  await expect(window).toHaveTitle("Internet Identity");
  const closed = window.waitForEvent("close");
  const known = await window
    .getByRole("button", { name: "Switch identity" })
    .waitFor({ timeout: 2000 })
    .then(() => true, () => false);
  if (known) {
    expect(await window.getByRole("button", { name: "Switch identity" }).innerText()).toBe("Test");
  } else {
    await continueWithPasskey(window);
    await window.getByRole("button", { name: "Use existing identity" }).click();
    const missing = await window
      .getByText("Cannot read properties of undefined (reading 'anchor_number')")
      .waitFor({ timeout: 2000 })
      .then(() => true, () => false);
    if (missing) {
      await window.getByRole("button", { name: "Create new identity" }).click();
      await window.locator('input[placeholder="Identity name"]').fill("Test");
      await window.getByRole("button", { name: "Create identity" }).click();
    }
  }
  if (account === undefined) {
    await pressContinue(window);
  } else {
    await window.getByRole("switch", { name: "Enable multiple accounts" }).click();
    await expect(window.getByRole("list", { name: "Choose an account" })).toBeVisible();
    await window.getByRole("button", { name: "Add another account" }).click();
    await window.locator('input[placeholder="Account name"]').fill(account);
    await window.getByRole("checkbox", { name: "Set as default sign-in" }).check();
    await window.getByRole("button", { name: "Create account" }).click();
    await window.getByRole("button", { name: `Continue with ${account}` }).click();
  }
  await closed;
}

test("the newer helper (3.0.0) finds what it looks for, on a fresh service and later", async ({ browser }) => {
  const service = await Service.start({ dummyAuth: "on" });
  try {
    const principals: string[] = [];
    for (const first of [true, false]) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(service.demo);
      await signInWithII(page);
      principals.push(await principalOf(page));
      await signOut(page);
      await signInWithII(page);
      principals.push(await principalOf(page));
      if (first) {
        await signOut(page);
        await signInWithII(page, { account: "Other" });
        expect(await principalOf(page)).not.toBe(principals[0]);
        await signOut(page);
      }
      await context.close();
    }
    // The second browser comes after another account was made the default.
    expect(principals[1]).toBe(principals[0]);
    expect(principals[3]).toBe(principals[2]);
  } finally {
    await service.discard();
  }
});

test("it is loud, and with a prompt everybody is somebody else", async ({ browser }) => {
  const service = await Service.start({ dummyAuth: "prompt" });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const answers: (string | null)[] = [];
    page.on("dialog", (dialog) => {
      const answer = answers.shift();
      void (typeof answer === "string" ? dialog.accept(answer) : dialog.dismiss());
    });
    await page.goto(service.url);
    await expect(page.getByRole("complementary", { name: "Dummy authentication" })).toBeVisible();
    await accessible(page, "dummy authentication");

    answers.push(null, "seven", "7");
    for (let i = 0; i < 2; i++) {
      await page.getByRole("button", { name: "Use existing identity" }).click();
      await expect(page.getByRole("status")).toHaveText("No passkey was used. You can try again.");
    }
    await page.getByRole("button", { name: "Create new identity" }).click();
    await page.getByPlaceholder("Identity name").fill("Seven");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Hello, Seven" })).toBeVisible();
    await page.getByRole("button", { name: "Forget on this device" }).click();
    answers.push("8", "7");
    await page.getByRole("button", { name: "Use existing identity" }).click();
    await expect(page.getByRole("status")).toContainText("No identity belongs to this passkey.");
    await page.getByRole("button", { name: "Use existing identity" }).click();
    await expect(page.getByRole("heading", { name: "Hello, Seven" })).toBeVisible();
  } finally {
    await context.close();
    await service.discard();
  }
});

test("a service for people has nothing of it", async ({ page, service }) => {
  await page.goto(service.url);
  await expect(page.getByRole("button", { name: "Create new identity" })).toBeVisible();
  await expect(page.getByRole("complementary")).toBeHidden();
  await expect(page.locator("#registerButton")).toBeHidden();
});
