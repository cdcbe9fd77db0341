// Settings, counts, the metrics, and what stands for the archive.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { near, now, ok, traps } from "./answers.mjs";
import { actorOf, derOf, device, join, method, newKey } from "./people.mjs";
import { canister, startService } from "./service.mjs";

const app = "https://app.example";
const defaults = {
  assigned_user_number_range: [[10_000n, 67_116_816n]],
  archive_config: [],
  canister_creation_cycles_cost: [0n],
  register_rate_limit: [{ time_per_token_ns: 10_000_000_000n, max_tokens: 20_000n }],
  // Nobody else reaches a service of these tests.
  captcha_config: [{ max_unsolved_captchas: 500n, captcha_trigger: { Static: { CaptchaDisabled: null } } }],
  related_origins: [],
  new_flow_origins: [],
  openid_configs: [],
  analytics_config: [[]],
  enable_dapps_explorer: [],
  is_production: [],
  dummy_auth: [[]],
  backend_canister_id: [canister.toText()],
  backend_origin: [],
  sso_allow_insecure_discovery: [],
  enable_dnssec_email_recovery: [],
  dnssec_config: [[]],
  doh_config: [[]],
  mcp_official_url: [[]],
};

// configOf is the configuration, with the principal as text.
async function configOf(service) {
  const config = await actorOf(service.agent()).config();
  return { ...config, backend_canister_id: config.backend_canister_id.map((id) => id.toText()) };
}

describe("the settings", () => {
  let service;
  before(async () => { service = await startService(); });
  after(() => service.stop());

  test("have defaults", async () => {
    assert.deepEqual(await configOf(service), defaults);
    assert.deepEqual(await actorOf(service.agent()).stats(), {
      users_registered: 0n,
      storage_layout_version: 1,
      assigned_user_number_range: [10_000n, 67_116_816n],
      archive_info: { archive_canister: [], archive_config: [] },
      canister_creation_cycles_cost: 0n,
      event_aggregations: [],
    });
  });

  test("are set at a start, kept by a start that does not name them, and cleared when that is said", async () => {
    const archive = { module_hash: new Uint8Array([1, 2]), entries_buffer_limit: 10n, entries_fetch_limit: 5, polling_interval_ns: 7n };
    const openid = { name: "n", logo: "l", issuer: "i", client_id: "c", jwks_uri: "j", auth_uri: "a", auth_scope: ["s", "t"], fedcm_uri: ["f"], email_verification: [{ Google: null }], seed_jwks: [[[["kty", "RSA"]]]] };
    const all = {
      ...defaults,
      assigned_user_number_range: [[20_000n, 30_000n]],
      archive_config: [archive],
      canister_creation_cycles_cost: [99n],
      register_rate_limit: [{ time_per_token_ns: 1_500_000_000n, max_tokens: 7n }],
      captcha_config: [{ max_unsolved_captchas: 3n, captcha_trigger: { Dynamic: { threshold_pct: 4, current_rate_sampling_interval_s: 5n, reference_rate_sampling_interval_s: 6n } } }],
      related_origins: [["https://a.example", "https://b.example"]],
      new_flow_origins: [["https://c.example"]],
      openid_configs: [[openid]],
      analytics_config: [[{ Plausible: { domain: ["d"], hash_mode: [true], track_localhost: [false], api_host: [] } }]],
      enable_dapps_explorer: [true],
      is_production: [true],
      mcp_official_url: [["https://mcp.example"]],
    };
    service = await service.restart({ settings: `
      captcha = "init"
      related_origins = ["https://a.example", "https://b.example"]
      identity_numbers = { first = 20000, end = 30000 }
      registrations = { time_per_token = "1500ms", max_tokens = 7 }
      init = '''(opt record {
        archive_config = opt record { module_hash = blob "\\01\\02"; entries_buffer_limit = 10; entries_fetch_limit = 5; polling_interval_ns = 7 };
        canister_creation_cycles_cost = opt 99;
        captcha_config = opt record { max_unsolved_captchas = 3; captcha_trigger = variant { Dynamic = record {
          threshold_pct = 4; current_rate_sampling_interval_s = 5; reference_rate_sampling_interval_s = 6 } } };
        new_flow_origins = opt vec { "https://c.example" };
        openid_configs = opt vec { record { name = "n"; logo = "l"; issuer = "i"; client_id = "c"; jwks_uri = "j"; auth_uri = "a"; auth_scope = vec { "s"; "t" }; fedcm_uri = opt "f"; email_verification = opt variant { Google }; seed_jwks = opt vec { vec { record { "kty"; "RSA" } } } } };
        analytics_config = opt opt variant { Plausible = record { domain = opt "d"; hash_mode = opt true; track_localhost = opt false } };
        enable_dapps_explorer = opt true;
        is_production = opt true;
        mcp_official_url = opt opt "https://mcp.example";
      })'''` });
    assert.deepEqual(await configOf(service), all);
    const { archive_info: info, canister_creation_cycles_cost: cost } = await actorOf(service.agent()).stats();
    assert.deepEqual([info, cost], [{ archive_canister: [], archive_config: [archive] }, 99n]);
    assert.equal((await join(service)).number, 20_000n);

    service = await service.restart({ settings: `captcha = "init"` });
    assert.deepEqual(await configOf(service), all);
    service = await service.restart({ settings: `
      captcha = "on"
      related_origins = []
      init = "(opt record { new_flow_origins = opt vec {}; openid_configs = opt vec {}; analytics_config = opt null; mcp_official_url = opt null; enable_dapps_explorer = opt false })"` });
    assert.deepEqual(await configOf(service), {
      ...all,
      captcha_config: [{ max_unsolved_captchas: 500n, captcha_trigger: { Static: { CaptchaEnabled: null } } }],
      related_origins: [[]],
      new_flow_origins: [[]],
      openid_configs: [[]],
      analytics_config: [[]],
      mcp_official_url: [[]],
      enable_dapps_explorer: [false],
    });
  });

  test("that would lose identities stop the start, and change nothing", async () => {
    const before = await configOf(service);
    await assert.rejects(service.restart({ settings: "identity_numbers = { first = 1, end = 9 }" }),
      /specified range \[1, 9\) does not start from the same number \(20000\) as the existing range thus would make existing anchors invalid/);
    service = await service.restart({ settings: `captcha = "init"` });
    assert.deepEqual(await configOf(service), before);
  });
});

describe("the counts", () => {
  let service;
  let nobody;
  before(async () => {
    service = await startService();
    nobody = actorOf(service.agent());
  });
  after(() => service.stop());

  const ask = (method, url, more = {}) => nobody.http_request({ method, url, headers: [], body: new Uint8Array(), certificate_version: [], ...more });

  // metrics are the values by their names, and their common time.
  async function metrics() {
    const { status_code: status, headers, body } = await ask("GET", "/metrics");
    assert.equal(status, 200);
    assert.equal(new Map(headers).get("Content-Type"), "text/plain; version=0.0.4");
    const values = {};
    const times = new Set();
    const described = new Set();
    for (const line of Buffer.from(body).toString().trimEnd().split("\n")) {
      const comment = /^# (HELP|TYPE) ([a-z0-9_]+) \S/.exec(line);
      if (comment) { described.add(comment[2]); continue; }
      const [, name, labels = "", value, time] = /^([a-z0-9_]+)(\{[^}]*\})? ([0-9.e+-]+) ([0-9]+)$/.exec(line) ?? assert.fail(line);
      assert.ok(described.has(name), `${name} is not described`);
      values[name.replace(/^internet_identity_/, "") + labels] = Number(value);
      times.add(time);
    }
    assert.equal(times.size, 1);
    near(BigInt([...times][0]) * 1_000_000n, now());
    return values;
  }

  test("of the metrics follow what is done", async () => {
    const fresh = await metrics();
    assert.deepEqual(fresh, {
      user_count: 0, min_user_number: 10_000, max_user_number: 67_116_815, signature_count: 0, last_upgrade_timestamp: 0, inflight_challenges: 0,
      users_in_registration_mode: 0, users_in_registration_mode_v2: 0, temp_keys_count: 0, delegation_counter: 0, anchor_operations_counter: 0,
      event_data_count: 0, event_aggregations_count: 0, total_accounts_count: 0, total_account_references_count: 0, total_application_count: 0,
      activity_entries_count: 0, register_rate_limit_max_tokens: 20_000, register_rate_limit_time_per_tokens_seconds: 10,
    });
    const { key, number, me } = await join(service);
    await me.create_challenge();
    ok(await me.create_account(number, app, "Work"));
    ok(await me.authn_method_add(number, method(newKey())));
    ok(await me.authn_method_registration_mode_enter(number, ["abc12"]));
    await me.prepare_delegation(number, app, derOf(key), []);
    const after = await metrics();
    assert.deepEqual(Object.fromEntries(Object.entries(after).filter(([name, value]) => fresh[name] !== value)), {
      user_count: 1, signature_count: 1, inflight_challenges: 1, users_in_registration_mode: 1, users_in_registration_mode_v2: 1, temp_keys_count: 1,
      delegation_counter: 1, anchor_operations_counter: 3, event_data_count: 1, event_aggregations_count: 4, total_accounts_count: 1,
      total_account_references_count: 2, total_application_count: 1, activity_entries_count: 3, register_rate_limit_current_tokens: 19_999,
    });
  });

  test("of sign-ins are by app and by the domain of the device", async () => {
    const { key, number, me } = await join(service);
    const old = newKey();
    await me.add(number, device(old, { origin: ["https://identity.ic0.app"] }));
    const other = actorOf(service.agent(old));
    for (const [who, origin, seconds] of [
      [other, "https://a.example", 1800n], [other, "https://a.example", 60n], [other, "https://b.example", 7200n],
      [me, "https://c.example", 600n], [me, "http://localhost:5173", 600n],
    ]) await who.prepare_delegation(number, origin, derOf(key), [seconds * 1_000_000_000n]);
    const { event_aggregations: sums, users_registered: count } = await nobody.stats();
    const of = new Map(sums);
    for (const window of ["24h", "30d"]) {
      assert.deepEqual(of.get(`prepare_delegation_count ${window} ic0.app`), [["https://a.example", 2n], ["https://b.example", 1n]]);
      assert.deepEqual(of.get(`prepare_delegation_session_seconds ${window} ic0.app`), [["https://b.example", 7200n], ["https://a.example", 1860n]]);
      assert.deepEqual(new Map(of.get(`prepare_delegation_session_seconds ${window} other`)).get("https://c.example"), 600n);
    }
    assert.ok(!sums.some(([, apps]) => apps.some(([origin]) => origin.startsWith("http://"))), "a developer's own app is not listed");
    assert.equal(count, BigInt((await metrics()).user_count));
    const shown = await metrics();
    const label = (dapp) => `{dapp="${dapp}",window="24h",ii_origin="ic0.app"}`;
    assert.equal(shown[`prepare_delegation_count${label("https://a.example")}`], 2);
    assert.equal(shown[`prepare_delegation_session_seconds${label("https://b.example")}`], 7200);
    assert.equal(shown[`prepare_delegation_count${label("https://c.example")}`], undefined, "only those of ic0.app are shown");
  });

  test("are read by GET, and other methods get what is allowed", async () => {
    const options = await ask("OPTIONS", "/metrics");
    assert.deepEqual([options.status_code, options.body.length, new Map(options.headers).get("Access-Control-Allow-Origin")], [204, 0, "*"]);
    const post = await ask("POST", "/metrics");
    assert.deepEqual([post.status_code, Buffer.from(post.body).toString(), new Map(post.headers).get("Allow")], [405, "Method POST not allowed.", "GET, OPTIONS"]);
    const missing = await ask("GET", "/metric?x=y");
    assert.deepEqual([missing.status_code, Buffer.from(missing.body).toString()], [404, "Asset /metric not found."]);
    assert.equal((await ask("GET", "/metrics?x=y")).status_code, 200);
  });
});

describe("a new service", () => {
  let service;
  before(async () => { service = await startService(); });
  after(() => service.stop());

  test("has no salt until it is asked to make one, or somebody signs in", async () => {
    const { key, number, me } = await join(service);
    await traps(me.get_principal(number, app), "Salt is not set. Try calling init_salt() to set it");
    assert.ok("NoSuchDelegation" in (await me.get_session_delegation(number, derOf(key), 1n)).Err);
    await actorOf(service.agent()).init_salt();
    await traps(me.init_salt(), "Salt already set");
    const who = (await me.get_principal(number, app)).toText();
    await me.prepare_delegation(number, app, derOf(key), []);
    assert.equal((await me.get_principal(number, app)).toText(), who);
  });

  test("has no archive, and says so", async () => {
    const { me } = await join(service);
    assert.deepEqual(await me.deploy_archive(new Uint8Array([0, 0x61, 0x73, 0x6d])), { failed: "archive deployment disabled" });
    await traps(me.fetch_entries(), "no archive deployed!");
    await traps(me.acknowledge_entries(1n), "no archive deployed!");
    assert.deepEqual((await me.stats()).archive_info.archive_canister, []);
  });
});
