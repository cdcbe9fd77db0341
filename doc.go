// Package internetidentity is the root of the module: it holds the map of the
// packages and the tests that guard it, and no code.
//
// Ring 0, formats: principal, cbor, rih, hashtree, candid, webauthn,
// certificate, ingress, httpcert. Pure functions on bytes.
//
// Ring 1, core: table, identity, canister, subnet. The replicated machine:
// same input, same output, no clock, no randomness, no network.
//
// Ring 2, shell: store, replica, httpapi, gateway, web, client, node, and the
// commands. Disk, network, people.
//
// Imports go to the same ring or inward; arch_test.go holds the rules.
package internetidentity
