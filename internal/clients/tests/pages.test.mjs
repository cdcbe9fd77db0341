import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { getMaxVerificationVersion, getMinVerificationVersion, ResponseVerificationErrorCode, verifyRequestResponsePair } from "@dfinity/response-verification";
import { actorOf } from "./people.mjs";
import { canister, startService } from "./service.mjs";

const minutes = 60_000_000_000n; // ns
const dist = fileURLToPath(new URL("../../../web/dist", import.meta.url));

// Every file of the bundle by its address, and the pages.
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith(".gz"))
  .map((entry) => `/${relative(dist, join(entry.parentPath ?? entry.path, entry.name))}`)
  .filter((path) => path !== "/index.html");
const pages = ["/", "/authorize"];
const others = ["/.config.did.bin", "/.well-known/ic-domains", "/.well-known/webauthn"];
const served = [...pages, ...files, ...others];
const missing = ["/nothing", "/index.html", "/authorize/", "/authorize/deeper", "/assets/", "/assets/none.js", "/a%20b/c", "/.well-known/nothing", "/x//y", "/authorize;x", "/authorize%3Fx"];

const header = (headers, name) => headers.find(([n]) => n.toLowerCase() === name)?.[1];

describe("an answer to a browser", () => {
  let service;
  let actor;
  before(async () => {
    service = await startService();
    actor = actorOf(service.agent());
  });
  after(() => service.stop());

  // asked is the canister's answer, as a gateway gets it.
  async function asked(url, version, encoding = "identity", more = []) {
    const request = { method: "GET", url, headers: [["accept-encoding", encoding], ["host", "localhost"], ...more], body: new Uint8Array() };
    const answer = await actor.http_request({ ...request, certificate_version: version === undefined ? [] : [version] });
    return { request, response: { status_code: answer.status_code, headers: answer.headers, body: new Uint8Array(answer.body) } };
  }

  // verify is the published verifier of gateways.
  function verify({ request, response }, { at = BigInt(Date.now()) * 1_000_000n, of = canister, rootKey = service.rootKey, minimum = 1 } = {}) {
    return verifyRequestResponsePair(request, response, of.toUint8Array(), at, 5n * minutes, rootKey, minimum);
  }

  function refused(exchange, name, options) {
    assert.throws(() => verify(exchange, options), (error) => {
      if (name !== undefined) assert.equal(ResponseVerificationErrorCode[error.code], name);
      return true;
    });
  }

  test("is there for everything that the page needs", async () => {
    // What the page names, and what the scripts name, is in the bundle.
    const textOf = async (path) => Buffer.from((await asked(path, 2)).response.body).toString();
    const named = new Set((await textOf("/")).match(/\/assets\/[\w.-]+/g));
    assert.ok(named.size >= 2, "the page names no script");
    for (const path of named) {
      for (const [, file] of (await textOf(path)).matchAll(/["'`](?:\.\/|\/?assets\/)([\w.-]+-[\w-]{8}\.(?:js|css|svg))["'`]/g)) named.add(`/assets/${file}`);
    }
    for (const path of named) assert.ok(files.includes(path), `${path} is not in the bundle`);
    assert.deepEqual(files.filter((path) => !named.has(path)), [], "files that nothing names");
  });

  // Verifiers decode paths and leave empty segments out.
  for (const path of ["//", "/%61uthorize", "/%2Fauthorize", "//authorize?x"]) {
    test(`${path} is another spelling of a page`, async () => {
      const exchange = await asked(path, 2);
      assert.equal(exchange.response.status_code, 200);
      assert.equal(verify(exchange, { minimum: 2 }).verificationVersion, 2);
    });
  }

  for (const path of served) {
    test(`${path} verifies in every version and encoding`, async () => {
      for (const version of [2, undefined, 1]) {
        for (const encoding of ["identity", "gzip, deflate, br"]) {
          const exchange = await asked(path, version, encoding);
          const { response } = exchange;
          assert.equal(response.status_code, 200);
          const result = verify(exchange, { minimum: version ?? 1 });
          assert.equal(result.verificationVersion, version ?? 1);
          assert.deepEqual(new Uint8Array(result.response.body), response.body);
          const gzip = header(response.headers, "content-encoding") === "gzip";
          if (gzip) assert.ok(version === 2 && encoding !== "identity", "compressed for one who did not ask");
          const body = gzip ? gunzipSync(response.body) : Buffer.from(response.body);
          if (files.includes(path)) assert.ok(body.equals(readFileSync(join(dist, path))), "another file");
          if (version === 2) {
            // A gateway passes certified headers on, so all that matter must be.
            assert.equal(result.response.statusCode, 200);
            const certified = new Set(result.response.headers.map(([name]) => name.toLowerCase()));
            for (const [name] of response.headers) {
              if (!["ic-certificate", "ic-certificateexpression"].includes(name.toLowerCase())) assert.ok(certified.has(name.toLowerCase()), `${name} is not certified`);
            }
          }
        }
      }
      // With a query it is the same answer, verified under that address.
      const exchange = await asked(`${path}?canisterId=${canister.toText()}&x=%20`, 2);
      assert.equal(exchange.response.status_code, 200);
      assert.equal(verify(exchange, { minimum: 2 }).verificationVersion, 2);
    });
  }

  for (const path of missing) {
    test(`that there is nothing at ${path} verifies`, async () => {
      const exchange = await asked(path, 2);
      assert.equal(exchange.response.status_code, 404);
      assert.equal(verify(exchange, { minimum: 2 }).response.statusCode, 404);
      // In the first version nothing can be certified but bodies of files.
      const old = await asked(path, 1);
      assert.equal(old.response.status_code, 404);
      assert.equal(header(old.response.headers, "ic-certificate"), undefined);
    });
  }

  test("to say that a page is missing cannot stand for a page that is there", async () => {
    const there = await asked("/authorize", 2);
    const missingPage = await asked("/nothing", 2);
    refused({ request: there.request, response: missingPage.response }, "ExactExpressionPathMightExistInTree");
    refused({ request: missingPage.request, response: there.response }, "ExactExpressionPathMismatch");
  });

  test("that was changed on the way is refused", async () => {
    for (const version of [1, 2]) {
      const exchange = await asked(files[0], version);
      const changed = (change) => {
        const response = structuredClone(exchange.response);
        change(response);
        return { request: exchange.request, response };
      };
      verify(changed(() => {}));
      refused(changed((r) => { r.body[0] ^= 1; }));
      refused(changed((r) => { r.body = r.body.slice(1); }));
      refused(changed((r) => { r.body = new Uint8Array(); }));
      refused(changed((r) => { r.headers = r.headers.filter(([name]) => name !== "IC-Certificate"); }));
      refused({ request: { ...exchange.request, url: files[1] }, response: exchange.response });
      refused(exchange, undefined, { at: BigInt(Date.now()) * 1_000_000n + 20n * minutes });
      refused(exchange, undefined, { of: { toUint8Array: () => Uint8Array.from([0, 0, 0, 0, 0, 2, 0, 1, 1, 1]) } });
      const key = service.rootKey.slice();
      key[60] ^= 1;
      refused(exchange, undefined, { rootKey: key });
      if (version === 2) {
        refused(changed((r) => { r.status_code = 201; }), "InvalidRequestAndResponseHashes");
        refused(changed((r) => { r.headers.find(([name]) => name === "Content-Security-Policy")[1] = "default-src *"; }), "InvalidRequestAndResponseHashes");
        refused(changed((r) => { r.headers.push(["Set-Cookie", "a=b"]); }), "InvalidRequestAndResponseHashes");
        refused(changed((r) => { r.headers = r.headers.filter(([name]) => name !== "X-Frame-Options"); }), "InvalidRequestAndResponseHashes");
        refused(changed((r) => { r.headers = r.headers.filter(([name]) => name !== "IC-CertificateExpression"); }));
      } else {
        refused(exchange, "RequestedVerificationVersionMismatch", { minimum: 2 });
      }
    }
    assert.deepEqual([getMinVerificationVersion(), getMaxVerificationVersion()], [1, 2]);
  });

  // get asks the service as a browser does, and leaves the body as it came.
  const get = (path, headers) => new Promise((resolve, reject) => {
    httpRequest({ host: "127.0.0.1", port: service.port, path, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({
        status_code: answer.statusCode,
        headers: Array.from({ length: answer.rawHeaders.length / 2 }, (_, i) => [answer.rawHeaders[2 * i], answer.rawHeaders[2 * i + 1]]),
        body: new Uint8Array(Buffer.concat(parts)),
      }));
    }).on("error", reject).end();
  });

  test("that comes over HTTP carries its certificate, under every host name", async () => {
    for (const host of [`localhost:${service.port}`, `${canister.toText()}.localhost:${service.port}`, `127.0.0.1:${service.port}`]) {
      for (const path of [...served, ...missing]) {
        for (const encoding of ["identity", "gzip"]) {
          const response = await get(path, { host, "accept-encoding": encoding });
          assert.equal(response.status_code, served.includes(path) ? 200 : 404, `${host} ${path}`);
          // The gateway adds headers of its own, which nobody certified.
          const expression = header(response.headers, "ic-certificateexpression");
          assert.ok(expression, `${host} ${path} has no certificate`);
          const canisterAnswer = await asked(path, 2, encoding);
          const certified = new Set(canisterAnswer.response.headers.map(([name]) => name.toLowerCase()));
          const passed = { ...response, headers: response.headers.filter(([name]) => certified.has(name.toLowerCase())) };
          const result = verify({ request: { method: "GET", url: path, headers: [], body: new Uint8Array() }, response: passed }, { minimum: 2 });
          assert.equal(result.verificationVersion, 2, `${host} ${path}`);
        }
      }
    }
  });
});
