// What this page knows about itself: from the attributes of <body>, which the
// server fills in, and from its own address.

import { isLoopback } from "./protocol/origins";

// The identity service of the Internet Computer, and of `ii serve` unless it
// was told otherwise.
const usualCanister = "rdmx6-jaaaa-aaaaa-aaadq-cai";

export function canisterId(): string {
  const id = document.body.dataset.canisterId ?? "";
  // Under `npm run dev` nobody has filled in the placeholder.
  return id === "" || id.startsWith("{{") ? usualCanister : id;
}

// The origin under which apps should know this service. Passkeys need a host
// name, and on this machine there is one for its addresses of numbers.
export function serviceOrigin({ protocol, hostname, port, origin }: Location): string {
  const numbers = isLoopback(hostname) && !hostname.endsWith("localhost");
  return numbers ? `${protocol}//localhost${port === "" ? "" : `:${port}`}` : origin;
}
