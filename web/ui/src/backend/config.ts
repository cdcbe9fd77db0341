// What the service says about itself in the page: a Candid record in base64, of
// which this page needs one field.

import { IDL } from "@icp-sdk/core/candid";
import { fromBase64 } from "../bytes";

const config = IDL.Record({
  dummy_auth: IDL.Opt(IDL.Opt(IDL.Record({ prompt_for_index: IDL.Bool }))),
});

export interface Config {
  // Keys that everybody can compute, and whether to ask which.
  dummyAuth: { prompt: boolean } | undefined;
}

interface Encoded {
  dummy_auth: [] | [[] | [{ prompt_for_index: boolean }]];
}

export function decodeConfig(base64: string): Config {
  const bytes = fromBase64(base64);
  // Under `npm run dev` nobody has filled in the placeholder.
  if (bytes === undefined || bytes.length === 0) {
    return { dummyAuth: undefined };
  }
  const [{ dummy_auth }] = IDL.decode([config], bytes) as unknown as [Encoded];
  const dummy = dummy_auth[0]?.[0];
  return { dummyAuth: dummy === undefined ? undefined : { prompt: dummy.prompt_for_index } };
}
