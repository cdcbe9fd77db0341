import { expect, test, type BrowserContext } from "@playwright/test";
import { Authenticator } from "./authenticator";
import { createIdentity, openDemo, pressContinue, pressSignIn, signedIn, signOut, useExisting, type Library, type SignedIn } from "./person";
import { Service } from "./service";
import { verifyChain } from "./verify";

const canister = "rdmx6-jaaaa-aaaaa-aaadq-cai";
const minute = 60_000_000_000n;
const libraries: Library[] = ["icp-sdk", "dfinity"];

let service: Service;
test.beforeAll(async () => {
  service = await Service.start();
});
test.afterAll(async () => {
  await service.discard();
});

// checked verifies a sign-in with independent code and the root key alone, and
// compares it with what the page shows.
async function checked(shown: SignedIn): Promise<SignedIn> {
  const verified = await verifyChain(shown.chain, await service.rootKey(), canister);
  expect(verified.principal).toBe(shown.principal);
  expect(verified.expiration).toBe(shown.expiration);
  return shown;
}

// secondOrigin is the same demo app at its other address.
const secondOrigin = (): string => service.demo.replace("localhost", "127.0.0.1");

async function registered(context: BrowserContext, library: Library, ttl?: string): Promise<SignedIn> {
  const demo = await openDemo(context, service.demo);
  const window = await pressSignIn(demo, { library, ttl });
  await createIdentity(window, "Ada");
  await pressContinue(window);
  return checked(await signedIn(demo));
}

for (const library of libraries) {
  test(`${library}: create an identity, come back, and be the same person`, async ({ context }) => {
    const authenticator = await Authenticator.attach(context);
    const first = await registered(context, library);
    expect(authenticator.size).toBe(1);

    const demo = context.pages()[0];
    await signOut(demo);
    const window = await pressSignIn(demo, { library });
    await pressContinue(window);
    const again = await checked(await signedIn(demo));
    expect(again.principal).toBe(first.principal);
    expect(again.chain.delegations[0].delegation.pubkey).not.toBe(first.chain.delegations[0].delegation.pubkey);
  });

  test(`${library}: the window closed by the person is an error that the app shows`, async ({ context }) => {
    await Authenticator.attach(context);
    const demo = await openDemo(context, service.demo);
    const window = await pressSignIn(demo, { library });
    await expect(window.getByRole("button", { name: "Continue with passkey" })).toBeVisible();
    await window.close();
    await expect(demo.locator("#error")).not.toBeEmpty();
    await expect(demo.locator("#sign-in")).toBeEnabled();
  });

  test(`${library}: a lifetime is kept to the nanosecond, and cut at 30 days`, async ({ context }) => {
    await Authenticator.attach(context);
    const before = BigInt(Date.now()) * 1_000_000n;
    const short = await registered(context, library, "10");
    const after = BigInt(Date.now()) * 1_000_000n;
    expect(short.expiration).toBeGreaterThan(before + 9n * minute);
    expect(short.expiration).toBeLessThanOrEqual(after + 10n * minute);

    const demo = context.pages()[0];
    await signOut(demo);
    const window = await pressSignIn(demo, { library, ttl: String(60 * 24 * 60) });
    await pressContinue(window);
    const long = await checked(await signedIn(demo));
    const limit = BigInt(Date.now()) * 1_000_000n + 30n * 24n * 60n * minute;
    expect(long.expiration).toBeLessThanOrEqual(limit);
    expect(long.expiration).toBeGreaterThan(limit - 5n * minute);
  });

  test(`${library}: a lifetime that makes no sense is refused`, async ({ context }) => {
    await Authenticator.attach(context);
    const demo = await openDemo(context, service.demo);
    const window = await pressSignIn(demo, { library, ttl: "-5" });
    await expect(window.getByRole("heading", { name: "Invalid request" })).toBeVisible();
    await window.getByRole("button", { name: "Return to app" }).click();
    await expect(demo.locator("#error")).not.toBeEmpty();
  });

  test(`${library}: a derivation origin that does not list the app is refused`, async ({ context }) => {
    await Authenticator.attach(context);
    const demo = await openDemo(context, secondOrigin());
    // A third address of this machine that lists nobody.
    const stranger = service.demo.replace("localhost", "127.0.0.2");
    const window = await pressSignIn(demo, { library, derivationOrigin: stranger });
    await expect(window.getByRole("heading", { name: "Unverified origin" })).toBeVisible();
    await window.getByRole("button", { name: "Return to app" }).click();
    await expect(demo.locator("#error")).not.toBeEmpty();
    await expect(demo.locator("#signed-in")).toBeHidden();
  });

  test(`${library}: without an authenticator the window says so and stays usable`, async ({ context }) => {
    await Authenticator.attach(context, { present: false });
    const demo = await openDemo(context, service.demo);
    const window = await pressSignIn(demo, { library });
    await window.getByRole("button", { name: "Continue with passkey" }).click();
    await expect(window.getByRole("button", { name: "Create new identity" })).toBeEnabled();
  });
}

test("both libraries, one person: one principal at one origin", async ({ context }) => {
  await Authenticator.attach(context);
  const first = await registered(context, "icp-sdk");
  const demo = context.pages()[0];
  await signOut(demo);
  const window = await pressSignIn(demo, { library: "dfinity" });
  await pressContinue(window);
  const second = await checked(await signedIn(demo));
  expect(second.principal).toBe(first.principal);
});

test("another origin, another principal; the app's list lets it ask for the first", async ({ context }) => {
  await Authenticator.attach(context);
  const first = await registered(context, "icp-sdk");

  const elsewhere = await openDemo(context, secondOrigin());
  let window = await pressSignIn(elsewhere);
  await pressContinue(window);
  const other = await checked(await signedIn(elsewhere));
  expect(other.principal).not.toBe(first.principal);

  await signOut(elsewhere);
  window = await pressSignIn(elsewhere, { derivationOrigin: service.demo });
  await pressContinue(window);
  const derived = await checked(await signedIn(elsewhere));
  expect(derived.principal).toBe(first.principal);
});

test("a browser that knows nobody finds the identity by its passkey", async ({ context, browser }) => {
  const authenticator = await Authenticator.attach(context);
  const first = await registered(context, "icp-sdk");

  const fresh = await browser.newContext();
  authenticator.carryTo(fresh);
  const demo = await openDemo(fresh, service.demo);
  const window = await pressSignIn(demo);
  await useExisting(window);
  await pressContinue(window);
  const found = await checked(await signedIn(demo));
  expect(found.principal).toBe(first.principal);
  await fresh.close();
});

test("an empty authenticator has no identity to use", async ({ context }) => {
  await Authenticator.attach(context);
  const demo = await openDemo(context, service.demo);
  const window = await pressSignIn(demo);
  await useExisting(window);
  await expect(window.getByRole("button", { name: "Create new identity" })).toBeEnabled();
  await expect(window.getByRole("status")).toHaveText("No passkey was used. You can try again.");
});
