// Which origin an identity is made for: the app's own, or another of its
// origins that lists the app as an alternative.

export interface Question {
  // The origin that asks.
  origin: string;
  derivationOrigin: string | undefined;
  // Where this page lives.
  provider: { protocol: string; hostname: string; host: string; port: string };
  fetch(url: string, init: RequestInit): Promise<Response>;
  isPrincipal(text: string): boolean;
}

export class UnverifiedOrigin extends Error {}

// Entries of a list; more would invite lists that nobody looks through.
const maxAlternatives = 10;

// The gateways have had several domains, and an identity made under the first
// must be found under the others. Raw and certified stay apart.
export function remap(origin: string): string {
  const match = /^https:\/\/([\w-]+(?:\.raw)?)\.(?:icp0\.io|icp\.net)$/.exec(origin);
  return match === null ? origin : `https://${match[1]}.ic0.app`;
}

// The origin to make the identity for if the app asks for its own, which needs
// nobody's word; undefined if it asks for another's.
export function ownOrigin(
  origin: string,
  derivationOrigin: string | undefined,
): string | undefined {
  const own = remap(origin);
  return derivationOrigin === undefined || remap(derivationOrigin) === own ? own : undefined;
}

// The origin to make the identity for. Throws UnverifiedOrigin.
export async function effectiveOrigin(question: Question): Promise<string> {
  const own = remap(question.origin);
  if (
    question.derivationOrigin === undefined ||
    ownOrigin(own, question.derivationOrigin) === own
  ) {
    return own;
  }
  const derivation = remap(question.derivationOrigin);
  const url = await listUrl(question, question.derivationOrigin);
  const alternatives = await fetchList(question, url);
  if (!alternatives.map(remap).includes(own)) {
    throw new UnverifiedOrigin(`${url} does not list ${question.origin}.`);
  }
  return derivation;
}

// Always an address under which a gateway checks the certificate of what it
// serves, and never the app's own domain.
async function listUrl(question: Question, derivation: string): Promise<string> {
  const { protocol, hostname, host, port } = question.provider;
  const path = "/.well-known/ii-alternative-origins";
  const canister = await canisterOf(question, derivation);
  if (canister === undefined) {
    // An app under development may have no canister at all. Between two pages
    // of one machine there is no gateway to ask, and nothing to protect.
    if (isLoopback(hostname) && isLoopback(new URL(derivation).hostname)) {
      return `${derivation}${path}`;
    }
    throw new UnverifiedOrigin(`${derivation} does not say which canister it belongs to.`);
  }
  if (hostname === "localhost" || hostname.endsWith(".localhost")) {
    const local = port === "" ? "localhost" : `localhost:${port}`;
    return `${protocol}//${local}${path}?canisterId=${canister}`;
  }
  if (hostname === "127.0.0.1" || hostname === "0.0.0.0") {
    return `${protocol}//${host}${path}?canisterId=${canister}`;
  }
  return `https://${canister}.icp0.io${path}`;
}

const canisterDomains = ["ic0.app", "icp0.io", "internetcomputer.org", "localhost"];

async function canisterOf(question: Question, origin: string): Promise<string | undefined> {
  const { hostname } = new URL(origin);
  const labels = hostname.split(".");
  const first = labels[0] ?? "";
  const known = canisterDomains.some((d) => hostname === d || hostname.endsWith(`.${d}`));
  if (known && labels.length >= 2 && question.isPrincipal(first)) {
    return first;
  }
  try {
    const response = await question.fetch(origin, { method: "HEAD", credentials: "omit" });
    const id = response.headers.get("x-ic-canister-id") ?? "";
    return question.isPrincipal(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

async function fetchList(question: Question, url: string): Promise<string[]> {
  let response: Response;
  try {
    response = await question.fetch(url, {
      redirect: "error",
      credentials: "omit",
      headers: { Accept: "application/json" },
    });
  } catch {
    throw new UnverifiedOrigin(`${url} cannot be read.`);
  }
  if (response.status !== 200) {
    throw new UnverifiedOrigin(`${url} answers with status ${response.status}.`);
  }
  const body: unknown = await response.json().catch(() => undefined);
  const list = (body as { alternativeOrigins?: unknown } | null | undefined)?.alternativeOrigins;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === "string")) {
    throw new UnverifiedOrigin(`${url} holds no list of alternativeOrigins.`);
  }
  if (list.length > maxAlternatives) {
    throw new UnverifiedOrigin(`${url} lists more than ${maxAlternatives} origins.`);
  }
  return list;
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}
