// Names of the usual keepers of passkeys, by the AAGUID they state. Loaded when
// a passkey is created.

import { toHex } from "../bytes";

const names: Record<string, string[]> = {
  "Apple Passwords": ["fbfc3007154e4ecc8c0b6e020557d7bd", "dd4ec289e01d41c9bb8970fa845d4bf2"],
  "Google Password Manager": ["ea9b8d664d011d213ce4b6b48cb575d4"],
  "Windows Hello": [
    "08987058cadc4b81b6e130de50dcbe96",
    "9ddd1817af5a4672a2b93e3dd95000a9",
    "6028b017b1d44c02b4b3afcdafc96bb2",
  ],
  "Samsung Pass": ["53414d53554e47000000000000000000"],
  "Chrome on Mac": ["adce000235bcc60a648b0b25f1f05503"],
  "Edge on Mac": ["771b48fdd3d44f749232fc157ab0507a"],
  "1Password": ["bada5566a7aa401fbd9645619a55120d"],
  Bitwarden: ["d548826e79b4db40a3d811116f7e8349"],
  Dashlane: ["531126d6e717415c93203d9aa6981239"],
  Enpass: ["f38095407f1449c1a8b38f813b225541"],
  KeePassXC: ["fdb141b25d84443e8a354698c205a502"],
  Keeper: ["0ea242b443c44a1b8b17dd6d0b6baec6"],
  LastPass: ["b78a0a556ef8d246a042ba0f6d55050c"],
  NordPass: ["b84e404815dc4dd08640f4f60813c8af"],
  "Proton Pass": ["50726f746f6e5061737350726f746f6e"],
  YubiKey: [
    "2fc0579f811347eab116bb5a8db9202a",
    "73bb0cd4e50249b89c6fb59445bf720b",
    "c1f9a0bc1dd2404ab27f8e29047a43fd",
    "c5ef55ffad9a4b9fb580adebafe026d0",
    "cb69481e8ff7403993ec0a2729a154a8",
    "ee882879721c491397753dfcce97072a",
    "fa2b99dc9e3942578f924a30d23c4118",
  ],
  Ledger: [
    "1d8cac4647a13386af50e88ae46fe802",
    "341e4da93c2e81035a9faad887135200",
    "58b44d0b0a7cf33afd48f7153c871352",
    "6e24d385004a16a07bfeefd963845b34",
    "fcb1bcb4f370078c6993bc24d0ae3fbe",
  ],
};

export function providerName(aaguid: Uint8Array | undefined): string | undefined {
  if (aaguid === undefined) {
    return undefined;
  }
  const id = toHex(aaguid);
  return Object.entries(names).find(([, ids]) => ids.includes(id))?.[0];
}
