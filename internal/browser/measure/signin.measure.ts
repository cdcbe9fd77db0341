import { delegation } from "../tests/app";
import { expect, test } from "../tests/fixtures";
import { SessionKey } from "../tests/whoami";

const rounds = 15;

// What the page did when, in milliseconds since its navigation began.
interface Note {
  what: string;
  at: number;
}

// watch runs before the page's own code and notes what leaves and reaches it.
function watch(pause: number): void {
  const notes: { what: string; at: number }[] = [];
  const note = (what: string) => void notes.push({ what, at: performance.now() });
  Object.assign(self, { notes });
  const { opener } = window;
  if (opener === null) return;
  const post = opener.postMessage.bind(opener);
  Object.defineProperty(window, "opener", {
    value: new Proxy(opener, {
      get: (target, name) =>
        name === "postMessage"
          ? (message: { kind?: string; id?: string }, to: string) => {
              note(message.kind ?? `answer ${message.id}`);
              post(message, to);
            }
          : Reflect.get(target, name, target),
    }),
  });
  // Messages are compared by their source.
  addEventListener("message", (event) => Object.defineProperty(event, "source", { value: window.opener }), true);
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = async (options) => {
    note("passkey asked");
    const answer = await get(options);
    await new Promise((resolve) => setTimeout(resolve, pause));
    note("passkey answered");
    return answer;
  };
  const load = fetch;
  self.fetch = async (input, init) => {
    const path = new URL(input instanceof Request ? input.url : String(input), location.href).pathname.split("/").pop();
    note(`${path} sent`);
    const response = await load(input, init);
    note(`${path} answered`);
    return response;
  };
  new MutationObserver((_, observer) => {
    if (document.querySelector("[data-anchor-id]") !== null) {
      note("Continue shown");
      observer.disconnect();
    }
  }).observe(document, { childList: true, subtree: true });
}

function median(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(1).padStart(7);
}

// What the app's page does: it asks as soon as the window listens, so that the
// test's own way to the browser is in no figure.
function ask(message: unknown): void {
  const service = self as unknown as { service: Window | null };
  const heard = ({ data }: MessageEvent) => {
    if (data.kind === "authorize-ready") {
      removeEventListener("message", heard);
      service.service?.postMessage(message, "*");
    }
  };
  addEventListener("message", heard);
}

// A person looks at the screen, and then at the authenticator, for a second.
// What the page does meanwhile costs nobody time.
for (const [who, pause] of [
  ["a person", 1000],
  ["nobody: everything is pressed and answered at once", 0],
] as const) {
  test(`a returning sign-in, from an empty cache, by ${who}`, async ({ ada, service }) => {
    test.setTimeout(180_000);
    await ada.context.addInitScript(watch, pause);
    // The demo app's page, without its script: requests that a test answers take
    // longer than others, all over the browser.
    const page = await ada.openDemo();
    const cdp = await ada.context.newCDPSession(page);
    const intervals = new Map<string, number[]>();
    const add = (name: string, value: number | undefined) => {
      if (value !== undefined) intervals.set(name, [...(intervals.get(name) ?? []), value]);
    };
    for (let round = 0; round < rounds; round++) {
      await cdp.send("Network.clearBrowserCache");
      await page.evaluate(ask, delegation(`r${round}`, new SessionKey().der));
      const [window] = await Promise.all([
        page.waitForEvent("popup"),
        page.evaluate((url) => void Object.assign(self, { service: open(url, "service") }), `${service.url}/authorize`),
      ]);
      await ada.authenticator.ready(window);
      const button = window.getByRole("button", { name: "Continue", exact: true });
      await expect(button).toBeVisible();
      await window.waitForTimeout(pause);
      await button.click();
      await expect(window.getByRole("heading", { name: "Signed in" })).toBeVisible();
      const notes = (await window.evaluate(() => (self as unknown as { notes: Note[] }).notes)) ?? [];
      const at = (what: string) => notes.find((note) => note.what === what)?.at;
      add("page listens (authorize-ready)", at("authorize-ready"));
      add("Continue can be pressed", at("Continue shown"));
      const prompted = at("passkey answered") ?? 0;
      let last = prompted;
      let own = 0;
      for (const { what, at: when } of notes.filter((note) => note.at > prompted)) {
        if (what.endsWith("answered")) {
          add(`  waiting for ${what.replace(" answered", "")}`, when - last);
        } else {
          own += when - last;
        }
        last = when;
      }
      add("  the page's own work", own);
      add("passkey answered to delegation delivered", (at(`answer r${round}`) ?? 0) - prompted);
      await window.close();
    }
    console.log(`\nmedian of ${rounds} rounds with ${who}, milliseconds`);
    for (const [name, values] of intervals) {
      console.log(`${median(values)}  ${name}${values.length > rounds ? ` (${(values.length / rounds).toFixed(1)} a round)` : ""}`);
    }
  });
}
