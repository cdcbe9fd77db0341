package threshold

import "internetidentity/cbor"

// MixDeals puts the deals of one message under the coefficients of another.
func MixDeals(coefficients, deals []byte) ([]byte, error) {
	var a, b wireDeals
	if err := cbor.Unmarshal(coefficients, &a); err != nil {
		return nil, err
	}
	if err := cbor.Unmarshal(deals, &b); err != nil {
		return nil, err
	}
	a.Deals = b.Deals
	return cbor.Marshal(a)
}
