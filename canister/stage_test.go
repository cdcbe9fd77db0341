package canister_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"internetidentity/candid"
	"internetidentity/canister"
	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/principal"
	"internetidentity/table"
)

// withoutCaptcha is the argument of installs that a section leaves out.
const withoutCaptcha = "(opt record { captcha_config = opt record { max_unsolved_captchas = 500; " +
	"captcha_trigger = variant { Static = variant { CaptchaDisabled } } } })"

var self = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")

// begin is T, the time at which every stage begins.
const begin = 1_700_000_000_000_000_000

// stage is a service with its surroundings: a table, a clock, a source of
// seeds and a subnet's key.
type stage struct {
	t        *testing.T
	table    *table.Memory
	canister *canister.Canister
	now      uint64
	calls    uint64
	key      *certificate.SigningKey
	did      *candid.Program
	// names of people, and the keys of accounts, that answers may mention.
	names    map[string]bool
	userKeys [][]byte
	// challenge and code are the last ones that were shown.
	challenge, code string
}

var program = func() func(*testing.T) *candid.Program {
	parse := sync.OnceValues(func() (*candid.Program, error) { return candid.ParseProgram(canister.DID()) })
	return func(t *testing.T) *candid.Program {
		t.Helper()
		did, err := parse()
		if err != nil {
			t.Fatal(err)
		}
		return did
	}
}()

func newStage(t *testing.T) *stage {
	t.Helper()
	return &stage{
		t: t, table: table.NewMemory(), now: begin, did: program(t), names: map[string]bool{},
		key: certificate.DeriveSigningKey([32]byte{1}),
	}
}

func keyOf(name string) []byte {
	secret := sha256.Sum256([]byte(name))
	return append([]byte("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"), secret[:]...)
}

func principalOf(name string) principal.Principal {
	switch name {
	case "anonymous":
		return principal.Anonymous()
	case "canister":
		return self
	}
	return principal.SelfAuthenticating(keyOf(name))
}

func (s *stage) command(line string) (string, error) {
	word, rest, _ := strings.Cut(line, " ")
	if caller, ok := strings.CutSuffix(word, ":"); ok {
		return s.call(caller, rest, false)
	}
	if caller, ok := strings.CutSuffix(word, "?"); ok {
		return s.call(caller, rest, true)
	}
	switch word {
	case "install":
		return s.install(rest)
	case "register":
		return s.register(rest)
	case "upgrade":
		return s.upgrade(rest)
	case "restart":
		return "", s.restart()
	case "wait":
		d, err := time.ParseDuration(rest)
		s.now += uint64(d)
		return "", err
	case "metrics":
		return s.metrics(strings.Fields(rest))
	case "repeat":
		count, command, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(count)
		var last string
		for i := 0; i < n && err == nil; i++ {
			last, err = s.command(strings.ReplaceAll(command, "$i", strconv.Itoa(i)))
		}
		return last, err
	}
	return "", errors.New("no such command")
}

func (s *stage) initArg(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	return s.encode(text, s.did.Init)
}

func (s *stage) install(text string) (string, error) {
	arg, err := s.initArg(text)
	if err != nil {
		return "", err
	}
	overlay := table.NewOverlay(s.table)
	c, err := canister.Install(overlay, self, arg, canister.Bundle{}, s.now)
	if err != nil {
		return "trap: " + err.Error(), nil
	}
	overlay.ApplyTo(s.table)
	s.canister = c
	return "", nil
}

func (s *stage) upgrade(text string) (string, error) {
	arg, err := s.initArg(text)
	if err != nil {
		return "", err
	}
	if err := s.ready(); err != nil {
		return "", err
	}
	overlay := table.NewOverlay(s.table)
	if err := s.canister.Upgrade(overlay, arg, canister.Bundle{}, s.now); err != nil {
		return "trap: " + err.Error(), nil
	}
	overlay.ApplyTo(s.table)
	return "", nil
}

// register makes an identity whose one method is the passkey of a person, who
// is the caller too.
func (s *stage) register(name string) (string, error) {
	if _, err := s.call(name, "identity_registration_start ()", false); err != nil {
		return "", err
	}
	return s.call(name, "identity_registration_finish (record { authn_method = passkey("+name+") })", false)
}

// restart reads the service back; nothing may be different.
func (s *stage) restart() error {
	if err := s.ready(); err != nil {
		return err
	}
	before := s.canister.CertifiedData()
	c, err := canister.Open(s.table.Snapshot(), self, canister.Bundle{})
	if err != nil {
		return err
	}
	if c.CertifiedData() != before {
		return errors.New("a restart changed the certified data")
	}
	s.canister = c
	return nil
}

func (s *stage) ready() error {
	if s.canister != nil {
		return nil
	}
	trap, err := s.install(withoutCaptcha)
	if trap != "" {
		return errors.New(trap)
	}
	return err
}

func (s *stage) method(name string) (*candid.FuncType, error) {
	for _, m := range s.did.Service.Methods {
		if m.Name == name {
			return m.Type.Func, nil
		}
	}
	return nil, fmt.Errorf("the interface has no method %q", name)
}

func (s *stage) call(caller, text string, query bool) (string, error) {
	if err := s.ready(); err != nil {
		return "", err
	}
	s.names[caller] = true
	name, args, _ := strings.Cut(text, " ")
	method, err := s.method(name)
	if err != nil {
		return "", err
	}
	arg, err := s.encode(args, method.Args)
	if err != nil {
		return "", err
	}
	who := principalOf(caller)
	if key, err := certificate.ParseCanisterKey(s.lastKey()); caller == "usersession" && err == nil {
		who = key.Principal()
	}
	reply := s.send(who, name, arg, query)
	if !reply.Replied {
		return rejected(reply), nil
	}
	values, err := candid.Decode(reply.Arg, method.Results)
	if err != nil {
		return "", fmt.Errorf("the answer is not of the interface: %w", err)
	}
	return s.show(method.Results, values), nil
}

// lastKey is the key of the last account or session that was shown. The caller
// "usersession" has its principal.
func (s *stage) lastKey() []byte {
	if len(s.userKeys) == 0 {
		return nil
	}
	return s.userKeys[len(s.userKeys)-1]
}

// send runs one message, which changes the table wholly or not at all.
func (s *stage) send(caller principal.Principal, method string, arg []byte, query bool) canister.Reply {
	if query {
		env := canister.QueryEnv{Table: s.table.Snapshot(), Caller: caller, Now: s.now}
		// Signing is slow, and only these show the certificate.
		if strings.HasPrefix(method, "get_") || method == "http_request" {
			env.Certificate = s.certificate()
		}
		return s.canister.View().Query(env, method, arg)
	}
	s.calls++
	return s.canister.Update(canister.Env{
		Table: s.table, Caller: caller, Now: s.now,
		Seed: sha256.Sum256(binary.BigEndian.AppendUint64(nil, s.calls)),
	}, method, arg)
}

// certificate is what a subnet says of the service now.
func (s *stage) certificate() []byte {
	certified := s.canister.CertifiedData()
	tree := hashtree.Map{}.
		Put(hashtree.P("time"), certificate.EncodeTime(s.now)).
		Put(hashtree.Path{[]byte("canister"), self.Bytes(), []byte("certified_data")}, certified[:]).Tree()
	c := certificate.Certificate{Tree: tree, Signature: s.key.Sign(certificate.StateRootMessage(tree.Digest()))}
	return c.Encode()
}

var trapText = regexp.MustCompile("^Error from Canister [a-z0-9-]+: Canister called `ic0.trap` with message: '(?s)(.*)'$")

func rejected(r canister.Reply) string {
	if m := trapText.FindStringSubmatch(r.RejectMessage); m != nil && r.RejectCode == 5 && r.ErrorCode == "IC0503" {
		return "trap: " + m[1]
	}
	return fmt.Sprintf("reject %d %s: %s", r.RejectCode, r.ErrorCode, r.RejectMessage)
}

// metrics shows lines of /metrics by their names without the prefix.
func (s *stage) metrics(names []string) (string, error) {
	if err := s.ready(); err != nil {
		return "", err
	}
	page := s.page("/metrics")
	var out []string
	for _, name := range names {
		found := false
		for line := range strings.SplitSeq(page, "\n") {
			full := strings.TrimPrefix(line, "internet_identity_")
			label, _, _ := strings.Cut(full, " ")
			bare, _, _ := strings.Cut(label, "{")
			if strings.HasPrefix(line, "#") || bare != name {
				continue
			}
			found = true
			fields := strings.Fields(full)
			if len(fields) != 3 || fields[2] != strconv.FormatUint(s.now/1_000_000, 10) {
				return "", fmt.Errorf("metric without its time: %q", line)
			}
			out = append(out, fields[0]+" "+fields[1])
		}
		if !found {
			out = append(out, name+" absent")
		}
	}
	return strings.Join(out, "\n"), nil
}

// page is the body that a browser gets.
func (s *stage) page(path string) string {
	s.t.Helper()
	method, err := s.method("http_request")
	if err != nil {
		s.t.Fatal(err)
	}
	arg, err := s.encode(fmt.Sprintf(`(record { method = "GET"; url = %q; headers = vec {}; body = blob "" })`, path), method.Args)
	if err != nil {
		s.t.Fatal(err)
	}
	reply := s.send(principal.Anonymous(), "http_request", arg, true)
	values, err := candid.Decode(reply.Arg, method.Results)
	if err != nil {
		s.t.Fatal(err)
	}
	body, _ := field(values[0], "body").([]byte)
	return string(body)
}

// field is a field of a record; nil if there is none.
func field(v candid.Value, name string) candid.Value {
	record, _ := v.(candid.RecordValue)
	for _, f := range record {
		if f.ID == candid.Hash(name) {
			return f.Value
		}
	}
	return nil
}
