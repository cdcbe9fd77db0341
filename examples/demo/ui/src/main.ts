import { signInWithDfinity } from "./dfinity";
import { signInWithIcpSdk } from "./icp-sdk";
import * as server from "./server";
import type { Session } from "./session";

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found as T;
}

const form = element<HTMLFormElement>("signed-out");
const panel = element("signed-in");
const error = element("error");
const button = element<HTMLButtonElement>("sign-in");
const configuration = await server.config();
let session: Session | undefined;

element("origin").textContent = window.location.origin;
element<HTMLAnchorElement>("second-origin").href = configuration.secondOrigin;

// The click itself and not the form's submit event, which comes after it: a
// client library may open its window only in a click.
button.addEventListener("click", (event) => {
  event.preventDefault();
  error.textContent = "";
  button.disabled = true;
  const library = new FormData(form).get("library");
  const signIn = library === "dfinity" ? signInWithDfinity : signInWithIcpSdk;
  // No await before this call: the window must open in the click.
  let started: Promise<Session>;
  try {
    started = signIn({
      identityProvider: configuration.identityProvider,
      maxTimeToLive: BigInt(element<HTMLInputElement>("ttl").value.trim()) * 60_000_000_000n,
      derivationOrigin: element<HTMLInputElement>("derivation-origin").value.trim() || undefined,
    });
  } catch (cause) {
    started = Promise.reject(cause);
  }
  started
    .then(show)
    .catch((cause: unknown) => {
      error.textContent = cause instanceof Error ? cause.message : String(cause);
    })
    .finally(() => {
      button.disabled = false;
    });
});

element("sign-out").addEventListener("click", () => {
  void (async () => {
    await session?.signOut();
    await server.signOut();
    session = undefined;
    panel.hidden = true;
    form.hidden = false;
    button.focus();
  })();
});

async function show(signedIn: Session): Promise<void> {
  session = signedIn;
  // The page could show a principal by itself, but nobody should believe a
  // page: what is shown is what the server found out.
  const verified = await server.verify(signedIn);
  element("principal").textContent = verified.principal;
  const until = element<HTMLTimeElement>("expiration");
  const date = new Date(Number(BigInt(verified.expiration) / 1_000_000n));
  until.dateTime = date.toISOString();
  until.textContent = date.toLocaleString();
  until.dataset.nanoseconds = verified.expiration;
  element("delegation").textContent = JSON.stringify(signedIn.chain, null, 2);
  element("verdict").textContent = "verified by the server";
  form.hidden = true;
  panel.hidden = false;
  element("sign-out").focus();
}
