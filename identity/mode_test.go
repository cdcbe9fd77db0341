package identity

import (
	"strings"
	"testing"

	"internetidentity/principal"
	"internetidentity/table"
)

// TestModesAreTenThousandAtMost: the count stands for the modes of others, of
// which a test cannot make ten thousand in no time.
func TestModesAreTenThousandAtMost(t *testing.T) {
	store := table.NewMemory()
	publicKey := []byte("the key of a method")
	m := &Message{
		Table: store, Caller: principal.SelfAuthenticating(publicKey), Now: day,
		Config: &Config{Lowest: DefaultLowest, End: DefaultLowest + 10, MaxTokens: 10}, Entropy: NewEntropy([32]byte{}), Signatures: &SignatureMap{},
	}
	m.Config.Captcha.Trigger = CaptchaDisabled
	if _, err := m.StartRegistration(); err != nil {
		t.Fatal(err)
	}
	n, err := m.FinishRegistration(Device{PublicKey: publicKey}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	setCounter(store, spaceVolatile, nameModes, maxModes-1)
	if _, err := m.EnterMode(n, nil); err != nil {
		t.Fatalf("the last of ten thousand was refused: %v", err)
	}
	if _, err := m.EnterMode(n, nil); err == nil || !strings.Contains(err.Error(), "too many anchors in device registration mode") {
		t.Fatalf("one more, even of an identity that is in the mode already: %v", err)
	}
	if err := m.ExitMode(n); err != nil {
		t.Fatal(err)
	}
	if _, err := m.EnterMode(n, nil); err != nil {
		t.Fatalf("after one has left: %v", err)
	}
}
