package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"internetidentity/ingress"
)

// read takes the request out of a body. The caller calls free when it is done
// with the request.
func (a *api) read(w http.ResponseWriter, r *http.Request) (e *ingress.Envelope, free func(), err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/cbor" {
		return nil, nil, &ingress.Refusal{Status: 400, Text: "Unexpected content-type, expected application/cbor."}
	}
	if r.ContentLength > ingress.MaxBodyBytes {
		return nil, nil, tooLarge()
	}
	// A sender who does not tell the length is counted with the greatest.
	size := r.ContentLength
	if size < 0 {
		size = ingress.MaxBodyBytes
	}
	if a.inside.Add(size) > maxInside {
		a.inside.Add(-size)
		w.Header().Set("Retry-After", "1")
		return nil, nil, &ingress.Refusal{Status: 503, Text: "The service is busy. Try again in a moment."}
	}
	free = func() { a.inside.Add(-size) }
	defer func() {
		if err != nil {
			free()
		}
	}()
	// Recorders in tests have no deadlines.
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, nil, &ingress.Refusal{Status: 503, Text: "The connection is broken."}
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, ingress.MaxBodyBytes), r.ContentLength)
	var limit *http.MaxBytesError
	switch {
	case errors.As(err, &limit):
		return nil, nil, tooLarge()
	case err != nil:
		return nil, nil, &ingress.Refusal{Status: 408, Text: "The request body did not arrive in time."}
	}
	e, err = ingress.Parse(body)
	return e, free, err
}

// readAll reads a body, whose length is known unless it is negative, without
// taking memory before the bytes are here.
func readAll(r io.Reader, length int64) ([]byte, error) {
	const first = 64 << 10
	var b bytes.Buffer
	if length > 0 {
		b.Grow(int(min(length, first)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

func tooLarge() error {
	return &ingress.Refusal{Status: 413, Text: fmt.Sprintf("The request is too large: the limit is %d bytes.", ingress.MaxBodyBytes)}
}
