import { expect, test } from "./fixtures";
import { Authenticator } from "./authenticator";
import { continueWithPasskey, createIdentity, notSignedIn, Person, pressContinue, returnToApp, signOut, useExisting, type Library } from "./person";
import { Service } from "./service";

// Whole sign-ins of a person in the demo app, with both client libraries as
// they are published. Every chain is checked against the root key.

const nanoseconds = 1_000_000n; // in a millisecond
const minute = 60_000n * nanoseconds;
const day = 24n * 60n * minute;
const libraries: Library[] = ["icp-sdk", "dfinity"];

for (const library of libraries) {
  test(`${library}: create an identity, come back, and be the same person`, async ({ newcomer }) => {
    const demo = await newcomer.openDemo();
    let window = await newcomer.pressSignIn(demo, { library });
    const elsewhere: string[] = [];
    const violations: string[] = [];
    window.on("request", (request) => elsewhere.push(new URL(request.url()).origin));
    window.on("console", (message) => /Content Security Policy|Trusted/.test(message.text()) && violations.push(message.text()));
    await continueWithPasskey(window);
    await createIdentity(window, "Ada");
    await pressContinue(window);
    const first = await newcomer.signedIn(demo);
    expect(newcomer.authenticator.all).toHaveLength(1);
    // Nobody else learns of it.
    expect(new Set(elsewhere)).toEqual(new Set([newcomer.service.url]));
    expect(violations).toEqual([]);

    // A reload of the app keeps the session, signing out ends it.
    await demo.reload();
    expect((await newcomer.signedIn(demo)).principal).toBe(first.principal);
    await signOut(demo);
    await demo.reload();
    await expect(demo.locator("#sign-in")).toBeVisible();

    window = await newcomer.pressSignIn(demo, { library });
    await expect(window.getByRole("button", { name: "Switch identity" })).toHaveText("Ada");
    await pressContinue(window);
    const again = await newcomer.signedIn(demo);
    expect(again.principal).toBe(first.principal);
    expect(again.chain.delegations[0].delegation.pubkey).not.toBe(first.chain.delegations[0].delegation.pubkey);
  });

  test(`${library}: the window closed by the person is an error that the app shows`, async ({ ada }) => {
    const demo = await ada.openDemo();
    const window = await ada.pressSignIn(demo, { library });
    await expect(window.getByRole("button", { name: "Continue", exact: true })).toBeVisible();
    await window.close();
    await notSignedIn(demo, library === "icp-sdk" ? "Channel was closed" : "UserInterrupt");
    await ada.signIn(demo, { library });
  });

  // It opens the same window: one library loads it anew, the other's address
  // differs in nothing, so nothing is loaded. Either way the request is new.
  test(`${library}: an app that is loaded again while the window is open signs in with that window`, async ({ ada }) => {
    const demo = await ada.openDemo();
    const window = await ada.pressSignIn(demo, { library });
    await expect(window.getByRole("button", { name: "Continue", exact: true })).toBeVisible();
    await window.evaluate(() => {
      document.body.dataset.asked = "before";
      addEventListener("message", ({ data }) => {
        if (data.kind === "authorize-client") document.body.dataset.asked = "again";
      });
    });
    await demo.reload();
    await demo.locator(`input[name=library][value=${library}]`).check();
    await demo.locator("#sign-in").click();
    await expect(window.locator(library === "icp-sdk" ? "body:not([data-asked])" : "body[data-asked=again]")).toBeVisible();
    await pressContinue(window);
    await ada.signedIn(demo);
  });

  test(`${library}: a lifetime is kept to the nanosecond, and cut at 30 days`, async ({ ada }) => {
    const demo = await ada.openDemo();
    for (const [minutes, granted] of [
      ["1", minute],
      [String(24 * 60), day],
      [String(60 * 24 * 60), 30n * day],
    ] as const) {
      const before = BigInt(Date.now()) * nanoseconds;
      const { expiration } = await ada.signIn(demo, { library, ttl: minutes });
      // The lifetime begins with the block that granted it.
      const granting = expiration - granted;
      expect(granting).toBeGreaterThanOrEqual(before);
      expect(granting).toBeLessThanOrEqual(BigInt(Date.now()) * nanoseconds);
      await signOut(demo);
    }
  });

  test(`${library}: a lifetime that makes no sense is refused`, async ({ ada }) => {
    const demo = await ada.openDemo();
    const window = await ada.pressSignIn(demo, { library, ttl: "-5" });
    await expect(window.getByRole("heading", { name: "Invalid request" })).toBeVisible();
    // The person reads it first; the app is told when they return.
    await expect(demo.locator("#error")).toBeEmpty();
    await returnToApp(window);
    await notSignedIn(demo, "maxTimeToLive is not a number of nanoseconds");
  });

  test(`${library}: a derivation origin that does not list the app is refused`, async ({ ada }) => {
    const demo = await ada.openDemo(ada.service.secondDemo);
    // A third address of this machine that lists nobody.
    const stranger = ada.service.demo.replace("localhost", "127.0.0.2");
    let window = await ada.pressSignIn(demo, { library, derivationOrigin: stranger });
    await expect(window.getByRole("heading", { name: "Unverified origin" })).toBeVisible();
    await returnToApp(window);
    await notSignedIn(demo, "Unverified origin");

    window = await ada.pressSignIn(demo, { library, derivationOrigin: `${ada.service.demo}/` });
    await expect(window.getByRole("heading", { name: "Invalid request" })).toBeVisible();
    await returnToApp(window);
    await notSignedIn(demo, "derivationOrigin is not an origin");
  });

  test(`${library}: a cancelled passkey leaves the window usable`, async ({ newcomer }) => {
    const demo = await newcomer.openDemo();
    let window = await newcomer.pressSignIn(demo, { library });
    await newcomer.authenticator.recognise(window, false);
    await continueWithPasskey(window);
    await createIdentity(window, "Ada");
    await expect(window.getByRole("status")).toHaveText("No passkey was used. You can try again.");
    await newcomer.authenticator.recognise(window, true);
    await window.getByRole("button", { name: "Create identity" }).click();
    await pressContinue(window);
    const first = await newcomer.signedIn(demo);
    await signOut(demo);

    window = await newcomer.pressSignIn(demo, { library });
    await newcomer.authenticator.recognise(window, false);
    await pressContinue(window);
    await expect(window.getByRole("status")).toHaveText("No passkey was used. You can try again.");
    await newcomer.authenticator.recognise(window, true);
    await pressContinue(window);
    expect((await newcomer.signedIn(demo)).principal).toBe(first.principal);
  });
}

test("both libraries, one person: one principal at one origin, another at another", async ({ ada }) => {
  const demo = await ada.openDemo();
  const first = await ada.signIn(demo, { library: "icp-sdk" });
  await signOut(demo);
  const second = await ada.signIn(demo, { library: "dfinity" });
  expect(second.principal).toBe(first.principal);

  const elsewhere = await ada.openDemo(ada.service.secondDemo);
  const other = await ada.signIn(elsewhere);
  expect(other.principal).not.toBe(first.principal);
  await signOut(elsewhere);

  // The first origin lists the second, which may so ask for its identities.
  for (const library of libraries) {
    const window = await ada.pressSignIn(elsewhere, { library, derivationOrigin: ada.service.demo });
    await expect(window.getByText(`as ${new URL(ada.service.demo).host} does`)).toBeVisible();
    await pressContinue(window);
    const derived = await ada.signedIn(elsewhere);
    expect(derived.principal).toBe(first.principal);
    await signOut(elsewhere);
  }
});

test("without any authenticator the window waits for one, and stays usable", async ({ context, service }) => {
  const person = new Person(context, new Authenticator([], false), service);
  const demo = await person.openDemo();
  const window = await person.pressSignIn(demo);
  await continueWithPasskey(window);
  await useExisting(window);
  await expect(window.getByRole("button", { name: "Authenticating..." })).toBeVisible();
  await person.authenticator.appear(window);
  await expect(window.getByRole("status")).toHaveText("No passkey was used. You can try again.");
  await createIdentity(window, "Ada");
  await pressContinue(window);
  await person.signedIn(demo);
});

test("an empty authenticator has no identity to use", async ({ newcomer }) => {
  const demo = await newcomer.openDemo();
  const window = await newcomer.pressSignIn(demo);
  await continueWithPasskey(window);
  await useExisting(window);
  await expect(window.getByRole("status")).toHaveText("No passkey was used. You can try again.");
  await expect(window.getByRole("button", { name: "Create new identity" })).toBeEnabled();
});

test("a passkey that belongs to no identity is told apart", async ({ newcomer }) => {
  const demo = await newcomer.openDemo();
  let window = await newcomer.pressSignIn(demo);
  await continueWithPasskey(window);
  // The registration is lost after the passkey was made.
  await window.route("**/call", (route) => route.abort());
  await createIdentity(window, "Ada");
  await expect(window.getByRole("status")).toHaveText("The service could not be reached. Please try again.");
  await window.close();

  window = await newcomer.pressSignIn(demo);
  await continueWithPasskey(window);
  await useExisting(window);
  await expect(window.getByRole("status")).toHaveText("No identity belongs to this passkey. You can create one.");
});

test("a browser that knows nobody finds the identity by its passkey", async ({ ada, browser }) => {
  const demo = await ada.openDemo();
  const first = await ada.signIn(demo);

  const fresh = await browser.newContext();
  const visitor = new Person(fresh, new Authenticator(ada.authenticator.all), ada.service);
  const there = await visitor.openDemo();
  const window = await visitor.pressSignIn(there);
  await continueWithPasskey(window);
  await useExisting(window);
  await expect(window.getByRole("button", { name: "Switch identity" })).toHaveText("Ada");
  await pressContinue(window);
  expect((await visitor.signedIn(there)).principal).toBe(first.principal);
  await fresh.close();
});

test("two identities in one browser: the person chooses, and each keeps its principal", async ({ ada }) => {
  const demo = await ada.openDemo();
  const first = await ada.signIn(demo);
  await signOut(demo);

  let window = await ada.pressSignIn(demo);
  await window.getByRole("button", { name: "Switch identity" }).click();
  await window.getByRole("menuitem", { name: "Use another identity" }).click();
  await continueWithPasskey(window);
  await createIdentity(window, "Grace");
  await pressContinue(window);
  const second = await ada.signedIn(demo);
  expect(second.principal).not.toBe(first.principal);
  await signOut(demo);

  // The last one is offered first.
  window = await ada.pressSignIn(demo);
  await expect(window.getByRole("button", { name: "Switch identity" })).toHaveText("Grace");
  await window.getByRole("button", { name: "Switch identity" }).click();
  await window.getByRole("menuitemradio", { name: "Ada" }).click();
  await pressContinue(window);
  expect((await ada.signedIn(demo)).principal).toBe(first.principal);
});

test("the page keeps no secret", async ({ ada }) => {
  const demo = await ada.openDemo();
  await ada.signIn(demo);
  const page = await ada.context.newPage();
  await page.goto(ada.service.url);
  const kept = await page.evaluate(async () => ({
    local: Object.entries(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).length,
    cookies: document.cookie,
  }));
  expect(kept.local.map(([name]) => name)).toEqual(["ii:known-identities"]);
  expect(JSON.parse(kept.local[0][1])).toEqual([{ number: expect.any(String), name: "Ada", credentialIds: [expect.any(String)] }]);
  expect(kept.session).toEqual([]);
  expect(kept.databases).toBe(0);
  expect(kept.cookies).not.toContain("delegation");
});

for (const [name, algorithm] of [
  ["RS256", -257],
  ["EdDSA", -8],
] as const) {
  test(`an authenticator that makes ${name} keys will do`, async ({ newcomer }) => {
    // Chromium's makes the first kind it is asked for.
    await newcomer.context.addInitScript((alg) => {
      const { credentials } = navigator;
      const create = credentials?.create.bind(credentials);
      if (create === undefined) return;
      credentials.create = (options) => {
        if (options?.publicKey) options.publicKey.pubKeyCredParams = [{ type: "public-key", alg }];
        return create(options);
      };
    }, algorithm);
    const demo = await newcomer.openDemo();
    const window = await newcomer.pressSignIn(demo);
    await continueWithPasskey(window);
    await createIdentity(window, "Ada");
    await pressContinue(window);
    const first = await newcomer.signedIn(demo);
    await signOut(demo);
    expect((await newcomer.signIn(demo)).principal).toBe(first.principal);
  });
}

test("a service that is killed and started again knows everybody", async ({ context }) => {
  const before = await Service.start();
  const person = new Person(context, new Authenticator(), before);
  const demo = await person.openDemo();
  const window = await person.pressSignIn(demo);
  await continueWithPasskey(window);
  await createIdentity(window, "Ada");
  await pressContinue(window);
  const first = await person.signedIn(demo);

  const after = await before.crash();
  try {
    await demo.reload();
    await signOut(demo);
    expect((await person.signIn(demo)).principal).toBe(first.principal);
  } finally {
    await after.discard();
  }
});
