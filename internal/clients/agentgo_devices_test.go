package clients_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"github.com/aviate-labs/agent-go"
	"github.com/aviate-labs/agent-go/candid/did"
	"github.com/aviate-labs/agent-go/candid/idl"
	"github.com/aviate-labs/agent-go/identity"
	"github.com/aviate-labs/agent-go/principal"
)

// What agent-go cannot do, so that it is not tested here:
//
//   - act with a delegation: it has no identity for one, so neither sessions nor
//     sign-ins are used, only verified;
//   - verify a delegation with permissions, which it does not know;
//   - tell opt null from null, as settings have them that were cleared;
//   - read a variant into a type that lacks the case that came, though it is
//     below opt, nor a variant into a map;
//   - read an interface in which a line is broken before an arrow.

type metadataEntry struct {
	Key   string `ic:"0,tuple"`
	Value struct {
		Map    *[]metadataEntry `ic:"map,variant"`
		String *string          `ic:"string,variant"`
		Bytes  *[]byte          `ic:"bytes,variant"`
	} `ic:"1,tuple"`
}

type deviceData struct {
	PublicKey    []byte  `ic:"pubkey"`
	Alias        string  `ic:"alias"`
	CredentialID *[]byte `ic:"credential_id"`
	Purpose      struct {
		Recovery       *idl.Null `ic:"recovery,variant"`
		Authentication *idl.Null `ic:"authentication,variant"`
	} `ic:"purpose"`
	KeyType struct {
		Unknown    *idl.Null `ic:"unknown,variant"`
		Platform   *idl.Null `ic:"platform,variant"`
		SeedPhrase *idl.Null `ic:"seed_phrase,variant"`
	} `ic:"key_type"`
	Protection struct {
		Protected   *idl.Null `ic:"protected,variant"`
		Unprotected *idl.Null `ic:"unprotected,variant"`
	} `ic:"protection"`
	Origin   *string          `ic:"origin"`
	Metadata *[]metadataEntry `ic:"metadata"`
}

func device(key identity.Identity, alias string) deviceData {
	d := deviceData{PublicKey: key.PublicKey(), Alias: alias}
	d.Purpose.Authentication, d.KeyType.Unknown, d.Protection.Unprotected = &idl.Null{}, &idl.Null{}, &idl.Null{}
	return d
}

// locked is a protected recovery phrase.
func locked(key identity.Identity) deviceData {
	d := deviceData{PublicKey: key.PublicKey()}
	d.Purpose.Recovery, d.KeyType.SeedPhrase, d.Protection.Protected = &idl.Null{}, &idl.Null{}, &idl.Null{}
	return d
}

// traps asserts that a call ends as a canister's trap does, with a text.
func traps(t *testing.T, a *agent.Agent, method string, in []any, text string) {
	t.Helper()
	err := a.Call(canister, method, in, []any{&struct{}{}})
	want := fmt.Sprintf("(5) Error from Canister %s: Canister called `ic0.trap` with message: '%s': IC0503", canister, text)
	if err == nil || err.Error() != want {
		t.Errorf("%s: %v, want %s", method, err, want)
	}
}

func TestAgentGoReadsTheInterface(t *testing.T) {
	s := start(t)
	text, err := s.agent(t, nil).GetCanisterMetadata(canister, "candid:service")
	if err != nil {
		t.Fatal(err)
	}
	read, err := did.ParseDID([]rune(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	// Each method begins a line.
	_, service, _ := strings.Cut(string(text), "\nservice")
	lines := regexp.MustCompile(`(?m)^    (\w+) : \(`).FindAllStringSubmatch(service, -1)
	methods := read.Services[0].Methods
	if len(methods) != len(lines) || len(methods) < 50 {
		t.Fatalf("%d methods, want %d", len(methods), len(lines))
	}
	for i, method := range methods {
		if method.Name != lines[i][1] || method.Func == nil {
			t.Errorf("method %d is %s, want %s", i, method, lines[i][1])
		}
	}
}

func TestAgentGoManagesDevicesOfTheFirstVersion(t *testing.T) {
	s := start(t)
	key, phone, words := identities(t)["Ed25519"], identities(t)["P-256"], identities(t)["secp256k1"]
	a := s.agent(t, key)
	var challenge struct {
		PNG string `ic:"png_base64"`
		Key string `ic:"challenge_key"`
	}
	call(t, a, "create_challenge", nil, &challenge)
	picture, err := base64.StdEncoding.DecodeString(challenge.PNG)
	if err != nil {
		t.Fatal(err)
	}
	if shown, err := png.Decode(bytes.NewReader(picture)); err != nil || shown.Bounds().Dx() != 220 || shown.Bounds().Dy() != 120 {
		t.Errorf("the captcha is no picture: %v", err)
	}
	type answer struct {
		Key   string `ic:"key"`
		Chars string `ic:"chars"`
	}
	var registered struct {
		Registered *struct {
			Number uint64 `ic:"user_number"`
		} `ic:"registered,variant"`
	}
	solution := answer{challenge.Key, "?"} // any is right where none is asked for
	var temporary *principal.Principal
	traps(t, s.agent(t, phone), "register", []any{device(key, "Laptop"), solution, temporary},
		fmt.Sprintf("%s could not be authenticated against %s", phone.Sender(), key.Sender()))
	call(t, a, "register", []any{device(key, "Laptop"), solution, temporary}, &registered)
	if registered.Registered == nil {
		t.Fatal("nothing was registered")
	}
	number := registered.Registered.Number

	// A device with everything in it, and back.
	full := device(phone, "Phone")
	full.CredentialID, full.KeyType.Unknown, full.KeyType.Platform = new([]byte("phone")), nil, &idl.Null{}
	full.Origin = new("https://id.example")
	inner := metadataEntry{Key: "inner"}
	inner.Value.Bytes = &[]byte{1, 2}
	outer := metadataEntry{Key: "outer"}
	outer.Value.Map = &[]metadataEntry{inner}
	full.Metadata = &[]metadataEntry{outer}
	call(t, a, "add", []any{number, full})
	traps(t, a, "add", []any{number, full}, fmt.Sprintf("failed to add device: Device with key %x already exists on this anchor.", phone.PublicKey()))
	var info struct {
		Devices []deviceData `ic:"devices"`
		Created *uint64      `ic:"created_at"`
	}
	call(t, s.agent(t, phone), "get_anchor_info", []any{number}, &info)
	if len(info.Devices) != 2 || info.Created == nil {
		t.Fatalf("the identity is %+v", info)
	}
	for _, d := range info.Devices {
		if d.Alias == "Phone" && (d.KeyType.Platform == nil || d.Origin == nil || *d.Origin != *full.Origin || !bytes.Equal(*d.CredentialID, *full.CredentialID) ||
			!bytes.Equal(*(*(*d.Metadata)[0].Value.Map)[0].Value.Bytes, []byte{1, 2})) {
			t.Errorf("the phone is %+v", d)
		}
	}

	// What everybody sees.
	var seen []deviceData
	query(t, s.agent(t, nil), "lookup", []any{number}, &seen)
	if len(seen) != 2 || !bytes.Equal(seen[0].PublicKey, phone.PublicKey()) || seen[0].Alias != "" || seen[0].Metadata != nil {
		t.Errorf("everybody sees %+v", seen)
	}
	var credentials struct {
		Passkeys []struct {
			ID        []byte `ic:"credential_id"`
			PublicKey []byte `ic:"pubkey"`
		} `ic:"credentials"`
		Phrases [][]byte `ic:"recovery_phrases"`
	}
	call(t, a, "add", []any{number, locked(words)})
	query(t, s.agent(t, nil), "get_anchor_credentials", []any{number}, &credentials)
	if len(credentials.Passkeys) != 1 || string(credentials.Passkeys[0].ID) != "phone" || len(credentials.Phrases) != 1 || !bytes.Equal(credentials.Phrases[0], words.PublicKey()) {
		t.Errorf("the credentials are %+v", credentials)
	}

	// Changes, and what a protected phrase refuses.
	traps(t, a, "remove", []any{number, words.PublicKey()}, fmt.Sprintf(
		"failed to remove device: Device is locked. Must be authenticated with this device to mutate: authorized principal %s, actual principal %s", words.Sender(), key.Sender()))
	call(t, a, "update", []any{number, phone.PublicKey(), device(phone, "Old phone")})
	call(t, a, "replace", []any{number, phone.PublicKey(), device(identities(t)["P-256"], "New phone")})
	traps(t, s.agent(t, phone), "get_anchor_info", []any{number}, phone.Sender().String()+" could not be authenticated.")
	traps(t, a, "remove", []any{number, phone.PublicKey()}, fmt.Sprintf("failed to remove device: Device with key %s not found.", hex.EncodeToString(phone.PublicKey())))
	call(t, s.agent(t, words), "remove", []any{number, words.PublicKey()})
	call(t, a, "get_anchor_info", []any{number}, &info)
	if len(info.Devices) != 2 || info.Devices[1].Alias != "New phone" {
		t.Errorf("the devices are %+v", info.Devices)
	}
}

func TestAgentGoTakesAnotherDeviceIn(t *testing.T) {
	s := start(t)
	key, phone := identities(t)["Ed25519"], identities(t)["P-256"]
	number := s.register(t, key)
	a := s.agent(t, key)
	var end uint64
	call(t, a, "enter_device_registration_mode", []any{number}, &end)
	var offered struct {
		Added *struct {
			Code string `ic:"verification_code"`
			End  uint64 `ic:"device_registration_timeout"`
		} `ic:"added_tentatively,variant"`
	}
	call(t, s.agent(t, phone), "add_tentative_device", []any{number, device(phone, "Phone")}, &offered)
	if offered.Added == nil || len(offered.Added.Code) != 6 || offered.Added.End != end {
		t.Fatalf("offered: %+v, until %d", offered.Added, end)
	}
	type verified struct {
		Verified *idl.Null `ic:"verified,variant"`
		Wrong    *struct {
			Left uint8 `ic:"retries_left"`
		} `ic:"wrong_code,variant"`
		Off *idl.Null `ic:"device_registration_mode_off,variant"`
	}
	for _, step := range []struct {
		code string
		want func(verified) bool
	}{
		{"nope", func(v verified) bool { return v.Wrong != nil && v.Wrong.Left == 2 }},
		{offered.Added.Code, func(v verified) bool { return v.Verified != nil }},
		{offered.Added.Code, func(v verified) bool { return v.Off != nil }},
	} {
		var v verified
		if call(t, a, "verify_tentative_device", []any{number, step.code}, &v); !step.want(v) {
			t.Errorf("code %q: %+v", step.code, v)
		}
	}
	call(t, s.agent(t, phone), "exit_device_registration_mode", []any{number})
}
