// What the server tells this page about itself, in the attributes of <body>.

// The identity service of the Internet Computer, and of `ii serve` unless it
// was told otherwise.
const usualCanister = "rdmx6-jaaaa-aaaaa-aaadq-cai";

export function canisterId(): string {
  const id = document.body.dataset.canisterId ?? "";
  // Under `npm run dev` nobody has filled in the placeholder.
  return id === "" || id.startsWith("{{") ? usualCanister : id;
}
