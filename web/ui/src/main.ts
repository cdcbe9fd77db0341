// The entry. An app that opened this page is waiting to hear that somebody
// listens, so that comes first, before anything is drawn or loaded.

import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import type { Backend } from "./backend";
import { canisterId } from "./config";
import { Authorize } from "./flow/authorize.svelte";
import { connection } from "./flow/connection";
import { language } from "./language";
import { Channel } from "./protocol/channel";
import { screenOf, segment } from "./site";
import App from "./ui/App.svelte";

document.documentElement.lang = language;

const target = document.getElementById("app") as HTMLElement;

const backend = connection(async () => {
  const { Backend } = await import("./backend");
  return Backend.connect(canisterId(), document.body.dataset.canisterConfig ?? "");
});
// Ahead of time. Whoever needs it tries again, and reports it if that fails.
backend().then(warn, () => {});

// Nobody may take keys that everybody has for the real thing.
async function warn({ authenticators }: Backend): Promise<void> {
  if (authenticators.dummy) {
    const { default: Dummy } = await import("./ui/Dummy.svelte");
    mount(Dummy, { target: document.body, anchor: target });
  }
}

// The pages that links for other devices lead to.
const linked = ["pair", "activate"];

function isAuthorize(): boolean {
  return location.pathname === "/authorize" || location.hash.startsWith("#authorize");
}

function authorize(): void {
  const opener = window.opener as Window | null;
  const [navigation] = performance.getEntriesByType("navigation");
  const channel = new Channel({
    opener,
    ownOrigin: location.origin,
    storage: sessionStorage,
    reloaded: (navigation as PerformanceNavigationTiming | undefined)?.type === "reload",
    now: Date.now,
  });
  addEventListener("message", (event) => channel.receive(event));
  channel.open();
  // An app that opens its sign-in window a second time gets the same page
  // again, without a load, and waits for it to speak.
  addEventListener("popstate", () => channel.announce());
  const flow = new Authorize(channel, backend, opener);
  flow.start();
  mount(App, { target, props: { flow } });
}

async function site(load: NonNullable<ReturnType<typeof screenOf>>): Promise<void> {
  const [{ default: Site }, { default: first }] = await Promise.all([
    import("./ui/Site.svelte"),
    load(),
  ]);
  mount(Site, { target, props: { backend, first } });
  // What comes after the # is read once, when a page begins.
  addEventListener("hashchange", () => {
    if (isAuthorize() || linked.includes(segment(location.pathname))) {
      location.reload();
    }
  });
}

const screen = screenOf(location.pathname);
if (isAuthorize() || screen === undefined) {
  authorize();
} else {
  void site(screen);
}
