// The whole interface as the service publishes it: Candid text becomes the
// description that the published library works with.

import { Actor, fetchCandid } from "@icp-sdk/core/agent";
import { IDL } from "@icp-sdk/core/candid";
import { canister } from "./service.mjs";

const plain = {
  bool: IDL.Bool, text: IDL.Text, principal: IDL.Principal, blob: IDL.Vec(IDL.Nat8),
  nat8: IDL.Nat8, nat16: IDL.Nat16, nat32: IDL.Nat32, nat64: IDL.Nat64,
};

// parse reads the part of Candid's text form that interfaces of services use.
export function parse(text) {
  const tokens = text.replaceAll(/\/\/[^\n]*/g, "").match(/->|[A-Za-z_0-9]+|[{}();:,=]/g);
  const names = new Map();
  const peek = (token) => tokens[0] === token;
  const take = (token) => {
    const found = tokens.shift();
    if (token !== undefined && found !== token) throw new Error(`want ${token}, found ${found} before ${tokens.slice(0, 8).join(" ")}`);
    return found;
  };
  // A name that is not defined yet is one in its own definition.
  const named = (name) => {
    if (!names.has(name)) names.set(name, IDL.Rec());
    return names.get(name);
  };
  const list = (open, separator, close, item) => {
    const items = [];
    for (take(open); !peek(close); ) {
      items.push(item());
      if (!peek(close)) take(separator);
    }
    take(close);
    return items;
  };
  // A field without a name has its number, one without a type is null.
  const field = (isVariant) => {
    if (isVariant || tokens[1] === ":") {
      const name = take();
      return [name, peek(":") ? (take(), type()) : IDL.Null];
    }
    return [undefined, type()];
  };
  const type = () => {
    const word = take();
    switch (word) {
      case "opt": return IDL.Opt(type());
      case "vec": return IDL.Vec(type());
      case "variant": return IDL.Variant(Object.fromEntries(list("{", ";", "}", () => field(true))));
      case "record": {
        const fields = list("{", ";", "}", () => field(false));
        return fields.length > 0 && fields.every(([name]) => name === undefined)
          ? IDL.Tuple(...fields.map(([, t]) => t))
          : IDL.Record(Object.fromEntries(fields));
      }
      default: return plain[word] ?? named(word);
    }
  };
  const argument = () => {
    if (tokens[1] === ":") tokens.splice(0, 2);
    return type();
  };
  while (peek("type")) {
    take();
    const name = take();
    take("=");
    const defined = type();
    if (names.has(name)) names.get(name).fill(defined);
    else names.set(name, defined);
    take(";");
  }
  take("service");
  take(":");
  list("(", ",", ")", argument);
  take("->");
  const methods = list("{", ";", "}", () => {
    const name = take();
    take(":");
    const args = list("(", ",", ")", argument);
    take("->");
    const results = list("(", ",", ")", argument);
    return [name, IDL.Func(args, results, peek("query") ? [take()] : [])];
  });
  return IDL.Service(Object.fromEntries(methods));
}

// published is the service as it describes itself, for each of its callers.
export async function published(service) {
  const interfaceOf = parse(await fetchCandid(canister.toText(), service.agent()));
  return (identity) => Actor.createActor(() => interfaceOf, { agent: service.agent(identity), canisterId: canister });
}
