// Reads the part of Candid's text form in which interfaces are written, into
// the types of the published library, which cannot read it itself.

import { IDL } from "@icp-sdk/core/candid";

const plain = {
  blob: IDL.Vec(IDL.Nat8), bool: IDL.Bool, nat16: IDL.Nat16, nat64: IDL.Nat64, nat8: IDL.Nat8, null: IDL.Null, principal: IDL.Principal, text: IDL.Text,
};

// readDid returns the types of the installation's argument, and the methods in
// their order.
export function readDid(text) {
  const tokens = text.replace(/\/\/.*/g, "").match(/->|[A-Za-z_]\w*|\S/g);
  let at = 0;
  const is = (token) => tokens[at] === token && ++at > 0;
  const need = (token) => { if (!is(token)) throw new Error(`want ${token} at ${tokens.slice(at, at + 8).join(" ")}`); };
  const listOf = (item, end, separator) => {
    const items = [];
    while (!is(end)) {
      items.push(item());
      if (!is(separator) && tokens[at] !== end) throw new Error(`want ${separator} at ${tokens.slice(at, at + 8).join(" ")}`);
    }
    return items;
  };
  const label = () => {
    if (tokens[at + 1] !== ":") return undefined;
    at += 2;
    return tokens[at - 2];
  };

  // A type is read into a function that makes it, as its names may come later.
  const type = () => {
    const word = tokens[at++];
    switch (word) {
      case "opt": return wrapped(IDL.Opt, type());
      case "vec": return wrapped(IDL.Vec, type());
      case "record": {
        need("{");
        const fields = listOf(() => [label(), type()], "}", ";");
        if (fields.length > 0 && fields.every(([name]) => name === undefined)) return () => IDL.Tuple(...fields.map(([, make]) => make()));
        return () => IDL.Record(made(fields));
      }
      case "variant": {
        need("{");
        const cases = listOf(() => {
          const name = label();
          return name === undefined ? [tokens[at++], () => IDL.Null] : [name, type()];
        }, "}", ";");
        return () => IDL.Variant(made(cases));
      }
      default: return () => plain[word] ?? named(word);
    }
  };
  const wrapped = (kind, inner) => () => kind(inner());
  const made = (fields) => Object.fromEntries(fields.map(([name, make]) => [name, make()]));
  const several = () => {
    need("(");
    return listOf(() => { label(); return type(); }, ")", ",");
  };

  // named makes a type once. One that is needed in its own making is recursive.
  const definitions = new Map();
  const types = new Map();
  const recursive = new Set();
  const named = (name) => {
    if (types.has(name)) {
      if (types.get(name) instanceof IDL.RecClass) recursive.add(name);
      return types.get(name);
    }
    if (!definitions.has(name)) throw new Error(`there is no type ${name}`);
    const self = IDL.Rec();
    types.set(name, self);
    const body = definitions.get(name)();
    if (recursive.has(name)) self.fill(body);
    else types.set(name, body);
    return types.get(name);
  };

  while (is("type")) {
    const name = tokens[at++];
    need("=");
    definitions.set(name, type());
    need(";");
  }
  need("service");
  need(":");
  const init = several();
  need("->");
  need("{");
  const methods = listOf(() => {
    const name = label();
    const args = several();
    need("->");
    const results = several();
    const annotations = is("query") ? ["query"] : [];
    return [name, () => IDL.Func(args.map((make) => make()), results.map((make) => make()), annotations)];
  }, "}", ";");
  return { init: init.map((make) => make()), methods: made(methods) };
}
