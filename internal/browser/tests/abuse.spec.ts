import { App, bytes, call, delegation } from "./app";
import { expect, test } from "./fixtures";
import { pressContinue } from "./person";
import { SessionKey } from "./whoami";

// What a hostile page may try with the service's window. Others of the kind are
// in protocol.spec.ts: a frame of the app's, an app's window that goes to
// another site, messages that cannot be understood.

const shop = "https://shop.example";

test("no page is shown in a frame, and none speaks from there", async ({ ada }) => {
  const app = await App.open(ada, shop);
  const paths = ["/", "/authorize", "/#authorize"];
  for (const path of paths) {
    await app.page.evaluate(async (src) => {
      const frame = document.createElement("iframe");
      frame.src = src;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    }, ada.service.url + path);
  }
  const frames = app.page.frames().slice(1);
  expect(frames).toHaveLength(paths.length);
  for (const frame of frames) expect(frame.url()).toContain("chrome-error:");
  expect(await app.heard()).toEqual([]);
});

test("a flood of messages keeps nobody from signing in", async ({ ada }) => {
  const app = await App.open(ada, shop);
  const window = await app.openWindow();
  const errors: Error[] = [];
  window.on("pageerror", (error) => errors.push(error));
  const key = new SessionKey();
  await app.post(delegation("first", key.der));
  await app.page.evaluate(
    ({ request, junk }) => {
      for (let i = 0; i < 20_000; i++) self.service?.postMessage(junk[i % junk.length], "*");
      for (let i = 0; i < 500; i++) self.service?.postMessage({ ...request, id: `flood ${i}` }, "*");
    },
    {
      request: delegation("", new SessionKey().der),
      junk: [null, 0, "authorize-client", [], {}, { kind: "authorize-ready" }, { jsonrpc: "2.0" }, { jsonrpc: "2.0", id: {}, method: "icrc34_delegation" }],
    },
  );
  await app.post(call("alive", "icrc29_status"));
  await app.hears({ id: "alive", result: "ready" });
  // Sixteen may wait, the first among them; the others are told at once.
  const refused = (await app.answers()).filter(({ error }) => (error as { message?: string })?.message === "Too many requests are waiting.");
  expect(refused).toHaveLength(500 - 15);
  await pressContinue(window);
  const { result } = (await app.hears({ id: "first" })) as { result?: { signerDelegation: unknown[] } };
  expect(result?.signerDelegation).toHaveLength(1);
  expect(errors).toEqual([]);
});

test("messages made to break a page break nothing", async ({ ada }) => {
  const app = await App.open(ada, shop);
  const window = await app.openWindow();
  const errors: Error[] = [];
  window.on("pageerror", (error) => errors.push(error));
  await app.page.evaluate((good) => {
    const post = (message: unknown) => self.service?.postMessage(message, "*");
    const deep: unknown[] = [];
    for (let i = 0, at = deep; i < 500; i++) at.push((at = []));
    const circle: Record<string, unknown> = { jsonrpc: "2.0", id: 1, method: "icrc34_delegation" };
    circle.params = circle;
    for (const value of [
      deep,
      circle,
      new Map([["kind", "authorize-client"]]),
      new Error("kind"),
      new Date(Number.NaN),
      JSON.parse('{"__proto__":{"kind":"authorize-client"},"constructor":1,"toString":2}'),
      { kind: "authorize-client" },
      { kind: "authorize-client", sessionPublicKey: new Uint8Array(1 << 20) },
      { ...good, id: "x".repeat(1 << 20) },
      { ...good, id: Number.NaN },
      { ...good, id: null },
      { ...good, method: "__proto__" },
      { ...good, method: "constructor" },
      { ...good, params: { ...(good.params as object), publicKey: "A".repeat(1 << 20) } },
      { ...good, params: { ...(good.params as object), maxTimeToLive: "9".repeat(100_000) } },
      { ...good, params: { ...(good.params as object), icrc95DerivationOrigin: "https://" + "a.".repeat(50_000) } },
    ]) {
      post(value);
    }
  }, delegation("bad", new SessionKey().der));
  await app.post(call("alive", "icrc29_status"));
  await app.hears({ id: "alive", result: "ready" });
  expect(errors).toEqual([]);
  // Each is shown to the person until they leave; nothing of it is granted.
  await expect(window.getByRole("heading", { name: "Invalid request" })).toBeVisible();
  await Promise.all([window.waitForEvent("close"), window.getByRole("button", { name: "Return to app" }).click()]);
  expect((await app.answers()).filter(({ result }) => result !== undefined)).toEqual([]);
});

test("both protocols at one moment: each request is answered by itself, for its own key", async ({ ada }) => {
  const app = await App.open(ada, shop);
  const window = await app.openWindow();
  const [legacy, icrc] = [new SessionKey(), new SessionKey()];
  await app.page.evaluate(
    (messages) => {
      for (const message of messages) self.service?.postMessage(self.revive(message), "*");
    },
    [{ kind: "authorize-client", sessionPublicKey: bytes(legacy.der) }, delegation("icrc", icrc.der)],
  );
  await pressContinue(window);
  const first = (await app.hears({ kind: "authorize-client-success" })) as { delegations: { delegation: { pubkey: { $bytes: string } } }[] };
  expect(first.delegations[0].delegation.pubkey.$bytes).toBe(Buffer.from(legacy.der).toString("hex"));
  await pressContinue(window);
  const second = (await app.hears({ id: "icrc" })) as { result: { signerDelegation: { delegation: { pubkey: string } }[] } };
  expect(second.result.signerDelegation[0].delegation.pubkey).toBe(Buffer.from(icrc.der).toString("base64"));
});

test("an app without an origin is not heard", async ({ ada }) => {
  await ada.context.route("https://nobody.example/", (route) =>
    route.fulfill({
      contentType: "text/html",
      headers: { "content-security-policy": "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox" },
      body: "<!doctype html><title>App</title>",
    }),
  );
  const page = await ada.context.newPage();
  await page.goto("https://nobody.example/");
  expect(await page.evaluate(() => self.origin)).toBe("null");
  const [window] = await Promise.all([
    page.waitForEvent("popup"),
    page.evaluate((url) => {
      self.service = self.open(url, "service");
    }, `${ada.service.url}/authorize`),
  ]);
  await expect(window.getByRole("heading", { name: "Connecting" })).toBeVisible();
  await window.evaluate(() => {
    let count = 0;
    addEventListener("message", () => {
      document.body.dataset.messages = String((count += 1));
    });
  });
  const heard = await page.evaluateHandle(() => {
    const all: unknown[] = [];
    addEventListener("message", ({ data }) => all.push(data));
    return all;
  });
  await page.evaluate((message) => {
    self.service?.postMessage(message, "*");
    self.service?.postMessage({ jsonrpc: "2.0", id: "s", method: "icrc29_status" }, "*");
  }, delegation("n", new SessionKey().der));
  await expect(window.locator("body[data-messages='2']")).toBeVisible();
  await expect(window.getByRole("heading", { name: "Connecting" })).toBeVisible();
  expect(await heard.jsonValue()).toEqual([]);
});
