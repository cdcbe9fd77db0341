import { accessible } from "./accessible";
import { App, delegation } from "./app";
import { Authenticator } from "./authenticator";
import { expect, test } from "./fixtures";
import { continueWithPasskey, createIdentity, Person, signOut, useExisting } from "./person";
import { Service } from "./service";
import { SessionKey } from "./whoami";

// Every screen with a keyboard and with the eyes of a screen reader.

test("the screens of a first sign-in are accessible", async ({ newcomer }) => {
  const demo = await newcomer.openDemo();
  await accessible(demo, "demo, signed out");
  let window = await newcomer.pressSignIn(demo);
  await expect(window.getByRole("button", { name: "Continue with passkey" })).toBeVisible();
  await accessible(window, "picker");
  await continueWithPasskey(window);
  await useExisting(window);
  await expect(window.getByRole("status")).not.toBeEmpty();
  await accessible(window, "chooser after a cancelled passkey");
  await window.getByRole("button", { name: "Create new identity" }).click();
  await accessible(window, "name");
  await window.getByRole("button", { name: "Create identity" }).click();
  await expect(window.getByPlaceholder("Identity name")).toBeFocused();
  await accessible(window, "name missing");
  await window.getByPlaceholder("Identity name").fill("Ada");
  await window.keyboard.press("Enter");
  await expect(window.getByRole("heading", { name: "Continue to" })).toBeFocused();
  await accessible(window, "continue");
  await window.getByRole("button", { name: "Switch identity" }).click();
  await accessible(window, "switcher");
  await window.keyboard.press("Escape");
  await window.getByRole("switch", { name: "Enable multiple accounts" }).click();
  await expect(window.getByRole("list", { name: "Choose an account" })).toBeVisible();
  await accessible(window, "accounts");
  await window.getByRole("button", { name: "Add another account" }).click();
  await window.keyboard.press("Enter");
  await expect(window.getByRole("dialog").getByRole("status")).not.toBeEmpty();
  await accessible(window, "account without a name");
  await window.keyboard.press("Escape");
  await window.getByRole("switch", { name: "Enable multiple accounts" }).click();
  await window.close();
  await expect(demo.locator("#error")).not.toBeEmpty();
  await accessible(demo, "demo, error");

  window = await newcomer.pressSignIn(demo);
  await window.getByRole("button", { name: "Continue", exact: true }).click();
  await newcomer.signedIn(demo);
  await demo.getByText("The delegation that was verified").click();
  await accessible(demo, "demo, signed in");
});

test("the other screens are accessible", async ({ ada }) => {
  await ada.context.clock.install();
  const app = await App.open(ada, "https://shop.example");
  const window = await app.openWindow();
  await expect(window.getByRole("heading", { name: "Connecting" })).toBeVisible();
  await accessible(window, "connecting");
  await window.clock.runFor(10_000);
  await expect(window.getByRole("heading", { name: "Unable to connect" })).toBeVisible();
  await accessible(window, "unable to connect");
  await app.post(delegation("bad", new SessionKey().der, { maxTimeToLive: "soon" }));
  await expect(window.getByRole("heading", { name: "Invalid request" })).toBeVisible();
  await accessible(window, "invalid request");
  await window.close();

  const done = await app.openWindow();
  await app.post(delegation("good", new SessionKey().der));
  await done.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(done.getByRole("heading", { name: "Signed in" })).toBeVisible();
  await accessible(done, "done");
  await done.close();

  const byNumbers = ada.service.url.replace("localhost", "127.0.0.1");
  const unavailable = await app.openWindow("/authorize", byNumbers);
  await app.post(delegation("numbers", new SessionKey().der));
  await expect(unavailable.getByRole("alert")).toContainText("Passkeys not available here");
  await accessible(unavailable, "passkeys not available");
  await unavailable.close();

  const start = await ada.context.newPage();
  await start.goto(ada.service.url);
  await expect(start.getByRole("heading", { name: "Hello, Ada" })).toBeVisible();
  await accessible(start, "start page, known");
  await start.getByRole("button", { name: "Forget on this device" }).click();
  await expect(start.getByRole("button", { name: "Create new identity" })).toBeVisible();
  await accessible(start, "start page, first visit");
  await start.goto(byNumbers);
  await expect(start.getByRole("alert")).toContainText("Passkeys not available here");
  await accessible(start, "start page, passkeys not available");
});

test("a captcha is accessible, and a wrong answer brings another", async ({ context }) => {
  const service = await Service.start({ captcha: "on" });
  try {
    const person = new Person(context, new Authenticator(), service);
    const window = await person.pressSignIn(await person.openDemo());
    await continueWithPasskey(window);
    await createIdentity(window, "Ada");
    const picture = window.getByRole("img");
    const field = window.getByLabel("Type the characters exactly as shown below");
    await expect(field).toBeFocused();
    await accessible(window, "captcha");
    const before = await picture.getAttribute("src");
    await field.fill("-----");
    await window.keyboard.press("Enter");
    await expect(window.getByRole("status")).toHaveText("Incorrect. Try again with the new code.");
    expect(await picture.getAttribute("src")).not.toBe(before);
    await expect(field).toBeFocused();
    await expect(field).toHaveValue("");
    await accessible(window, "captcha after a wrong answer");
    // One passkey, whatever becomes of the captcha.
    expect(person.authenticator.all).toHaveLength(1);
  } finally {
    await service.discard();
  }
});

test("the keyboard is enough, from the app and back", async ({ newcomer }) => {
  const demo = await newcomer.openDemo();
  await demo.locator("#sign-in").focus();
  let [window] = await Promise.all([demo.waitForEvent("popup"), demo.keyboard.press("Enter")]);
  await newcomer.authenticator.ready(window);
  // The heading has the focus, so that it is read out; what follows is next.
  await expect(window.getByRole("heading", { name: "Sign in" })).toBeFocused();
  await window.keyboard.press("Tab");
  await expect(window.getByRole("button", { name: "Continue with passkey" })).toBeFocused();
  await window.keyboard.press("Enter");
  await expect(window.getByRole("heading", { name: "Simplify your sign-in" })).toBeFocused();
  await window.keyboard.press("Tab");
  await window.keyboard.press("Space");
  await expect(window.getByPlaceholder("Identity name")).toBeFocused();
  await window.keyboard.type("Ada");
  await window.keyboard.press("Enter");
  await expect(window.getByRole("heading", { name: "Continue to" })).toBeFocused();
  await window.keyboard.press("Tab");
  await expect(window.getByRole("button", { name: "Continue", exact: true })).toBeFocused();
  await window.keyboard.press("Enter");
  const first = await newcomer.signedIn(demo);
  await signOut(demo);

  await expect(demo.locator("#sign-in")).toBeFocused();
  [window] = await Promise.all([demo.waitForEvent("popup"), demo.keyboard.press("Enter")]);
  await newcomer.authenticator.ready(window);
  await expect(window.getByRole("heading", { name: "Continue to" })).toBeFocused();
  // The switcher stands before the heading. Its menu takes the arrow keys and
  // gives the focus back.
  const switcher = window.getByRole("button", { name: "Switch identity" });
  await window.keyboard.press("Shift+Tab");
  await expect(switcher).toBeFocused();
  await window.keyboard.press("Enter");
  await expect(window.getByRole("menuitemradio", { name: "Ada" })).toBeFocused();
  await window.keyboard.press("ArrowDown");
  await expect(window.getByRole("menuitem", { name: "Use another identity" })).toBeFocused();
  await window.keyboard.press("Escape");
  await expect(switcher).toBeFocused();
  await window.keyboard.press("Tab");
  await window.keyboard.press("Enter");
  expect((await newcomer.signedIn(demo)).principal).toBe(first.principal);
});
