import { expect, test } from "./fixtures";
import { App, authorizeClient, bigint, bytes, call, chainOf, delegation } from "./app";
import { pressContinue, returnToApp } from "./person";
import { SessionKey } from "./whoami";

// The two protocols message by message, from apps at any origin.

const shop = "https://shop.example";
const minute = 60_000_000_000n;

test("a page that only listens speaks both protocols, before the service has answered anything", async ({ ada }) => {
  const response = await (await ada.context.newPage()).goto(`${ada.service.url}/authorize`);
  const headers = response?.headers() ?? {};
  // It would cut the wire to the app.
  expect(headers["cross-origin-opener-policy"]).toBeUndefined();
  expect(headers["content-security-policy"]).not.toContain("unsafe");

  const app = await App.open(ada, shop);
  await ada.context.route(`${ada.service.url}/api/**`, () => {});
  await ada.context.route(/backend/, () => {});
  const window = await app.openWindow();
  await expect(window).toHaveTitle("Internet Identity");
  await app.hears({ kind: "authorize-ready" });
  await app.post(call("s", "icrc29_status"));
  expect((await app.hears({ id: "s" })).result).toBe("ready");
  await app.post(call(2, "icrc25_supported_standards"));
  const { supportedStandards } = (await app.hears({ id: 2 })).result as { supportedStandards: { name: string }[] };
  expect(supportedStandards.map(({ name }) => name)).toEqual(["ICRC-25", "ICRC-29", "ICRC-34", "ICRC-95"]);
  await app.post(call("x", "icrc49_call_canister", {}));
  expect((await app.hears({ id: "x" })).error).toMatchObject({ code: -32601 });
});

test("ICRC-34: the chain is for the app's key, without targets, and the service knows it", async ({ ada }) => {
  const app = await App.open(ada, shop);
  const window = await app.openWindow();
  const key = new SessionKey();
  // Both ways of opening the page lead to one and the same.
  await app.post(delegation("d", key.der, { maxTimeToLive: String(minute), targets: ["aaaaa-aa"] }));
  await expect(window.getByRole("heading", { name: "Continue to shop.example" })).toBeVisible();
  await pressContinue(window);
  const chain = chainOf(await app.hears({ id: "d" }));
  const verified = await ada.verified(chain);
  expect(verified.sessionKey).toBe(Buffer.from(key.der).toString("hex"));
  expect(await key.whoami(ada.service, chain)).toBe(verified.principal);
  // The app closes the window; this one does not.
  await expect(window.getByRole("heading", { name: "Signed in" })).toBeVisible();
  expect(window.isClosed()).toBe(false);
});

test("legacy: bytes own their buffers, and every form of a lifetime is taken", async ({ ada }) => {
  const app = await App.open(ada, shop);
  const principals = new Set<string>();
  for (const maxTimeToLive of [bigint(minute), Number(minute), String(minute)]) {
    const key = new SessionKey();
    const window = await app.openWindow("/#authorize");
    await app.hears({ kind: "authorize-ready" });
    await app.post(authorizeClient(key.der, { maxTimeToLive, allowPinAuthentication: true }));
    const before = BigInt(Date.now()) * 1_000_000n;
    await pressContinue(window);
    const answer = await app.hears({ kind: "authorize-client-success" });
    expect(answer.authnMethod).toBe("passkey");
    const chain = chainOf(answer);
    const verified = await ada.verified(chain);
    expect(verified.sessionKey).toBe(Buffer.from(key.der).toString("hex"));
    expect(verified.expiration - minute).toBeGreaterThanOrEqual(before);
    expect(verified.expiration - minute).toBeLessThanOrEqual(BigInt(Date.now()) * 1_000_000n);
    if (principals.size === 0) expect(await key.whoami(ada.service, chain)).toBe(verified.principal);
    principals.add(verified.principal);
    await window.close();
    await app.page.reload();
  }
  expect(principals.size).toBe(1);
});

test("requests that come together are answered one by one, with one passkey dialog", async ({ ada }) => {
  const app = await App.open(ada, shop);
  const window = await app.openWindow();
  const keys = [new SessionKey(), new SessionKey()];
  await app.post(delegation("a", keys[0].der));
  await app.post(delegation("b", keys[1].der));
  await app.post(call("p", "icrc25_permissions"));
  await app.hears({ id: "p" });
  await pressContinue(window);
  const first = await ada.verified(chainOf(await app.hears({ id: "a" })));
  expect((await app.answers()).map(({ id }) => id)).toEqual(["p", "a"]);
  // The passkey has spoken for this page already.
  await ada.authenticator.recognise(window, false);
  await pressContinue(window);
  const second = await ada.verified(chainOf(await app.hears({ id: "b" })));
  expect(second.principal).toBe(first.principal);
  expect([first.sessionKey, second.sessionKey]).toEqual(keys.map(({ der }) => Buffer.from(der).toString("hex")));
});

test("a reload in mid-flow keeps what is unanswered", async ({ ada }) => {
  const app = await App.open(ada, shop);
  const window = await app.openWindow();
  const key = new SessionKey();
  await app.post(delegation("d", key.der));
  await expect(window.getByRole("heading", { name: "Continue to shop.example" })).toBeVisible();
  await window.reload();
  await app.hears({ id: "wake-up-client" });
  await pressContinue(window);
  const verified = await ada.verified(chainOf(await app.hears({ id: "d" })));
  expect(verified.sessionKey).toBe(Buffer.from(key.der).toString("hex"));
  // Answered is answered: a reload brings nothing back.
  await window.reload();
  await expect(window.getByRole("heading", { name: "Connecting" })).toBeVisible();
});

test("only the opener is heard, and only from the origin that spoke first", async ({ ada }) => {
  const evil = "https://evil.example";
  await App.exist(ada, evil);
  const app = await App.open(ada, shop);
  const window = await app.openWindow();
  const theirs = new SessionKey();
  const ours = new SessionKey();

  // A frame of the app, with the app's own origin and a handle of the window.
  await app.page.evaluate(async (message) => {
    const frame = document.createElement("iframe");
    frame.src = "/";
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    const script = frame.contentDocument?.createElement("script");
    if (script == null) throw new Error("the frame has no document");
    script.textContent = `
      parent.service.postMessage(${JSON.stringify(message)}, "*");
      parent.service.postMessage({ jsonrpc: "2.0", id: "frame", method: "icrc29_status" }, "*");`;
    frame.contentDocument?.body.append(script);
  }, delegation("frame", theirs.der));
  await app.post(delegation("app", ours.der));
  await expect(window.getByRole("heading", { name: "Continue to shop.example" })).toBeVisible();

  // The app's own window, gone to another site that finds the window by name.
  await app.page.goto(`${evil}/`);
  await app.page.evaluate((message) => {
    self.service = self.open("", "service");
    self.service?.postMessage(message, "*");
    self.service?.postMessage({ jsonrpc: "2.0", id: "evil", method: "icrc29_status" }, "*");
  }, delegation("evil", theirs.der));
  await expect(window.getByRole("heading", { name: "Continue to shop.example" })).toBeVisible();
  await pressContinue(window);
  await expect(window.getByRole("heading", { name: "Signed in" })).toBeVisible();
  // The answer went to the origin that asked, which is not there any more.
  expect(await app.heard()).toEqual([]);
});

test("what cannot be understood is shown, and told on the way back", async ({ ada }) => {
  const app = await App.open(ada, shop);
  for (const [message, why] of [
    [authorizeClient(new Uint8Array(0)), "not DER-encoded"],
    [{ kind: "authorize-client" }, "missing"],
    [authorizeClient(new SessionKey().der, { maxTimeToLive: "soon" }), "maxTimeToLive"],
    [authorizeClient(new SessionKey().der, { derivationOrigin: `${shop}/` }), "derivationOrigin"],
    [delegation("bad", new SessionKey().der, { maxTimeToLive: "18446744073709551616" }), "maxTimeToLive"],
    [call("bad", "icrc34_delegation", { publicKey: "no base64" }), "base64"],
  ] as const) {
    const window = await app.openWindow();
    await app.post(message);
    await expect(window.getByRole("heading", { name: "Invalid request" })).toBeVisible();
    expect(await app.answers()).toEqual([]);
    await returnToApp(window);
    if ("kind" in message) {
      expect((await app.hears({ kind: "authorize-client-failure" })).text).toContain(why);
    } else {
      expect((await app.hears({ id: "bad" })).error).toMatchObject({ code: -32602, message: expect.stringContaining(why) });
    }
    await app.page.reload();
  }
});

test("ten seconds without a word that makes sense: unable to connect, until there is one", async ({ ada }) => {
  await ada.context.clock.install();
  const app = await App.open(ada, shop);
  const window = await app.openWindow();
  await app.hears({ kind: "authorize-ready" });
  for (const noise of ["hello", { kind: "authorize-ready" }, { jsonrpc: "1.0", id: 1, method: "icrc29_status" }, bytes(new Uint8Array(9))]) {
    await app.post(noise);
  }
  await window.clock.runFor(8_000);
  await expect(window.getByRole("heading", { name: "Connecting" })).toBeVisible();
  await window.clock.runFor(2_100);
  await expect(window.getByRole("heading", { name: "Unable to connect" })).toBeVisible();
  expect(await app.answers()).toEqual([]);

  const key = new SessionKey();
  await app.post(delegation("late", key.der));
  await expect(window.getByRole("heading", { name: "Continue to shop.example" })).toBeVisible();
});

test("without an app there is nothing to sign in to", async ({ ada }) => {
  const page = await ada.context.newPage();
  for (const path of ["/authorize", "/#authorize"]) {
    await page.goto(ada.service.url + path);
    await expect(page.getByRole("heading", { name: "Unable to connect" })).toBeVisible();
  }
  await page.getByRole("link", { name: "Go to the start page" }).click();
  await expect(page.getByRole("heading", { name: "Hello, Ada" })).toBeVisible();
});

test("an app that goes away is noticed", async ({ ada }) => {
  await ada.context.clock.install();
  const app = await App.open(ada, shop);
  const window = await app.openWindow();
  await app.post(delegation("d", new SessionKey().der));
  await expect(window.getByRole("heading", { name: "Continue to shop.example" })).toBeVisible();
  await app.page.close();
  await window.clock.runFor(1_100);
  await expect(window.getByRole("heading", { name: "Connection closed" })).toBeVisible();
});

test("a service that is away for a while can be asked again", async ({ ada }) => {
  const app = await App.open(ada, shop);
  await ada.context.route(/\/(api|assets\/backend)/, (route) => route.abort());
  const window = await app.openWindow();
  const key = new SessionKey();
  await app.post(delegation("d", key.der));
  await pressContinue(window);
  await expect(window.getByRole("heading", { name: "Authentication failed" })).toBeVisible();
  await ada.context.unroute(/\/(api|assets\/backend)/);
  await window.getByRole("button", { name: "Try again" }).click();
  await pressContinue(window);
  await ada.verified(chainOf(await app.hears({ id: "d" })));
});

test("a canister has one identity under all of its gateways", async ({ ada }) => {
  const principals = new Set<string>();
  for (const host of ["icp0.io", "ic0.app"]) {
    const app = await App.open(ada, `https://ryjl3-tyaaa-aaaaa-aaaba-cai.${host}`);
    const window = await app.openWindow();
    await app.post(delegation("d", new SessionKey().der));
    await pressContinue(window);
    principals.add((await ada.verified(chainOf(await app.hears({ id: "d" })))).principal);
    await window.close();
  }
  expect(principals.size).toBe(1);
});

test("the list of a derivation origin is read from the gateway, whoever it names may ask", async ({ ada }) => {
  const main = "https://main.example";
  const id = "ryjl3-tyaaa-aaaaa-aaaba-cai";
  const principal = async (app: App, params: { icrc95DerivationOrigin?: string }): Promise<string> => {
    const window = await app.openWindow();
    await app.post(delegation("d", new SessionKey().der, params));
    await pressContinue(window);
    const { principal: found } = await ada.verified(chainOf(await app.hears({ id: "d" })));
    await window.close();
    await app.page.reload();
    return found;
  };
  const first = await principal(await App.open(ada, main), {});

  // Of two handlers for one address the browser asks the later.
  const asked: string[] = [];
  await ada.context.route(`${main}/`, (route) =>
    route.request().method() === "HEAD"
      ? route.fulfill({ headers: { "x-ic-canister-id": id, "access-control-allow-origin": "*", "access-control-expose-headers": "x-ic-canister-id" } })
      : route.fallback(),
  );
  let list: string[] = [];
  await ada.context.route(/ii-alternative-origins/, (route) => {
    asked.push(route.request().url());
    return route.fulfill({ json: { alternativeOrigins: list }, headers: { "access-control-allow-origin": "*" } });
  });

  const app = await App.open(ada, shop);
  const eleven = [shop, ...Array.from({ length: 10 }, (_, i) => `https://${i}.example`)];
  for (list of [[], ["https://other.example"], [`${shop}/`], eleven]) {
    const window = await app.openWindow();
    await app.post(delegation("d", new SessionKey().der, { icrc95DerivationOrigin: main }));
    await expect(window.getByRole("heading", { name: "Unverified origin" })).toBeVisible();
    await expect(window.getByText("which canister it belongs to")).toHaveCount(0);
    await returnToApp(window);
    expect((await app.hears({ id: "d" })).error).toMatchObject({ code: -32602, message: expect.stringContaining("Unverified origin") });
    await app.page.reload();
  }
  list = eleven.slice(0, 10);
  expect(await principal(app, { icrc95DerivationOrigin: main })).toBe(first);
  // Never from the app's own domain.
  const { port } = new URL(ada.service.url);
  expect(new Set(asked)).toEqual(new Set([`http://localhost:${port}/.well-known/ii-alternative-origins?canisterId=${id}`]));
});
