import { App, delegation } from "../tests/app";
import { Authenticator } from "../tests/authenticator";
import { expect, test } from "../tests/fixtures";
import { continueWithPasskey, createIdentity, Person, pressContinue, useExisting } from "../tests/person";
import { Service } from "../tests/service";
import { SessionKey } from "../tests/whoami";
import { shoot } from "./shoot";

test("start page", async ({ newcomer }) => {
  const page = await newcomer.context.newPage();
  await newcomer.authenticator.ready(page);
  await page.goto(newcomer.service.url);
  await expect(page.getByRole("button", { name: "Create new identity" })).toBeVisible();
  await shoot(page, "start", { whole: true });
  await createIdentity(page, "Ada");
  await expect(page.getByRole("heading", { name: "Hello, Ada" })).toBeVisible();
  await shoot(page, "start-known", { whole: true });
});

test("a first sign-in", async ({ newcomer }) => {
  const app = await App.open(newcomer, "https://chess.example");
  const window = await app.openWindow();
  await expect(window.getByRole("heading", { name: "Connecting" })).toBeVisible();
  await shoot(window, "connecting");
  await app.post(delegation("a", new SessionKey().der));
  await expect(window.getByRole("button", { name: "Continue with passkey" })).toBeVisible();
  await shoot(window, "picker");
  await continueWithPasskey(window);
  await shoot(window, "chooser");
  await useExisting(window);
  await expect(window.getByRole("status")).not.toBeEmpty();
  await shoot(window, "chooser-cancelled");
  await window.getByRole("button", { name: "Create new identity" }).click();
  await shoot(window, "name");
  await window.getByPlaceholder("Identity name").fill("Ada Lovelace");
  await window.keyboard.press("Enter");
  await expect(window.getByRole("heading", { name: "Continue to" })).toBeVisible();
  await shoot(window, "continue");
  await window.getByRole("button", { name: "Switch identity" }).click();
  await shoot(window, "switcher");
  await window.keyboard.press("Escape");
  await window.getByRole("switch").click();
  await expect(window.getByRole("list", { name: "Choose an account" })).toBeVisible();
  for (const name of ["Tournament", "Late at night"]) {
    await window.getByRole("button", { name: "Add another account" }).click();
    await window.getByPlaceholder("Account name").fill(name);
    if (name === "Late at night") await shoot(window, "account-form");
    await window.keyboard.press("Enter");
    await expect(window.getByRole("dialog")).toBeHidden();
  }
  await shoot(window, "accounts");
  await window.getByRole("button", { name: "Continue with Tournament" }).click();
  await expect(window.getByRole("heading", { name: "Signed in" })).toBeVisible();
  await shoot(window, "done");
});

test("an app that may ask for another's identity", async ({ ada }) => {
  const app = await App.open(ada, "https://shop.example");
  const window = await app.openWindow();
  await app.post(delegation("a", new SessionKey().der, { icrc95DerivationOrigin: "https://bank.example" }));
  await expect(window.getByRole("heading", { name: "Unverified origin" })).toBeVisible();
  await shoot(window, "unverified-origin");
});

test("what goes wrong", async ({ ada }) => {
  await ada.context.clock.install();
  const app = await App.open(ada, "https://shop.example");
  const window = await app.openWindow();
  await window.clock.runFor(10_000);
  await expect(window.getByRole("heading", { name: "Unable to connect" })).toBeVisible();
  await shoot(window, "unable-to-connect");
  await app.post(delegation("bad", new SessionKey().der, { maxTimeToLive: "soon" }));
  await expect(window.getByRole("heading", { name: "Invalid request" })).toBeVisible();
  await shoot(window, "invalid-request");
  await window.close();

  const unavailable = await app.openWindow("/authorize", ada.service.url.replace("localhost", "127.0.0.1"));
  await app.post(delegation("numbers", new SessionKey().der));
  await expect(unavailable.getByRole("alert")).toBeVisible();
  await shoot(unavailable, "passkeys-not-available");
  await unavailable.close();

  const lost = await app.openWindow();
  await app.post(delegation("lost", new SessionKey().der));
  await lost.route("**/api/**", (route) => route.abort());
  await pressContinue(lost);
  await expect(lost.getByRole("heading", { name: "Authentication failed" })).toBeVisible();
  await shoot(lost, "authentication-failed");
});

test("captcha", async ({ context }) => {
  const service = await Service.start({ captcha: "on" });
  try {
    const person = new Person(context, new Authenticator(), service);
    const window = await person.pressSignIn(await person.openDemo());
    await continueWithPasskey(window);
    await createIdentity(window, "Ada");
    await expect(window.getByRole("img")).toBeVisible();
    await shoot(window, "captcha");
  } finally {
    await service.discard();
  }
});

test("demo", async ({ ada }) => {
  const demo = await ada.openDemo();
  await shoot(demo, "demo");
  await ada.signIn(demo);
  await shoot(demo, "demo-signed-in");
});
