// The page: a form that starts a sign-in, and what is known once the server
// has verified it. The sign-in itself is in icp-sdk.ts or dfinity.ts (an app
// needs one of them), its proof to the server in server.ts.

import { dfinity } from "./dfinity";
import { icpSdk } from "./icp-sdk";
import * as server from "./server";
import type { Library, Session } from "./session";

const libraries: Record<string, Library> = { "icp-sdk": icpSdk, dfinity };

// Which library this browser signed in with last.
const lastLibrary = "demo:library";

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found as T;
}

const form = element<HTMLFormElement>("signed-out");
const panel = element("signed-in");
const button = element<HTMLButtonElement>("sign-in");
const configuration = await server.config();
let session: Session | undefined;

// The click itself and not the form's submit event, which comes after it: a
// client library may open its window only in a click.
button.addEventListener("click", (event) => {
  event.preventDefault();
  element("error").textContent = "";
  button.disabled = true;
  button.textContent = "Signing in...";
  // No await before the window is open.
  signIn()
    .then(prove)
    .catch((cause: unknown) => {
      const text = cause instanceof Error ? cause.message : String(cause);
      element("error").textContent = `Not signed in: ${text}`;
    })
    .finally(() => {
      button.disabled = false;
      button.textContent = "Sign in";
    });
});

function signIn(): Promise<Session> {
  const name = String(new FormData(form).get("library"));
  const minutes = element<HTMLInputElement>("ttl").value.trim();
  if (!/^-?\d+$/.test(minutes)) {
    return Promise.reject(new Error("the minutes are not a whole number"));
  }
  localStorage.setItem(lastLibrary, name);
  return libraries[name].signIn({
    identityProvider: configuration.identityProvider,
    maxTimeToLive: BigInt(minutes) * 60_000_000_000n,
    derivationOrigin: element<HTMLInputElement>("derivation-origin").value.trim() || undefined,
  });
}

// The page could show a principal by itself, but nobody should believe a page:
// what is shown is what the server found out. What it refuses is no session.
async function prove(candidate: Session): Promise<void> {
  try {
    const verified = await server.verify(candidate);
    session = candidate;
    show(verified, candidate.chain);
  } catch (cause) {
    await candidate.signOut();
    throw cause;
  }
}

function show({ principal, expiration }: server.Verified, chain: unknown): void {
  element("principal").textContent = principal;
  const until = element<HTMLTimeElement>("expiration");
  const date = new Date(Number(BigInt(expiration) / 1_000_000n));
  until.dateTime = date.toISOString();
  until.dataset.nanoseconds = expiration;
  until.textContent = date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium" });
  element("delegation").textContent = JSON.stringify(chain, null, 2);
  element("verdict").textContent = "verified by the server";
  form.hidden = true;
  panel.hidden = false;
  element("verdict").focus();
}

element("sign-out").addEventListener("click", async () => {
  await session?.signOut();
  session = undefined;
  await server.signOut();
  panel.hidden = true;
  form.hidden = false;
  button.focus();
});

// Two origins of one app: two principals, unless the one asks for the other's.
function compareOrigins(): void {
  const { origin, secondOrigin } = configuration;
  element("origin").textContent = location.origin;
  const here = location.origin === secondOrigin;
  element("elsewhere").hidden = here || secondOrigin === "";
  element<HTMLAnchorElement>("second-origin").href = secondOrigin;
  element("derive").hidden = !here || origin === "";
  element("first-origin").textContent = origin;
}

// Whoever is signed in stays so when the page is loaded again; the server
// verifies that too.
async function restore(): Promise<void> {
  const restored = await libraries[localStorage.getItem(lastLibrary) ?? ""]?.restore();
  if (restored !== undefined) await prove(restored);
}

compareOrigins();
await restore().catch(() => {
  // What cannot be restored is signed in anew.
});
form.hidden = session !== undefined;
