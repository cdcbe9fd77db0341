package httpapi

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"internetidentity/ingress"
)

// read takes the request out of a body.
func (a *api) read(w http.ResponseWriter, r *http.Request, held *share) (*ingress.Envelope, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/cbor" {
		return nil, &ingress.Refusal{Status: 400, Text: "Unexpected content-type, expected application/cbor."}
	}
	if r.ContentLength > ingress.MaxBodyBytes {
		return nil, tooLarge()
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, ingress.MaxBodyBytes), r.ContentLength, held)
	var limit *http.MaxBytesError
	switch {
	case err == nil:
		return ingress.Parse(body)
	case errors.Is(err, errBusy):
		return nil, err
	case errors.As(err, &limit):
		return nil, tooLarge()
	}
	return nil, &ingress.Refusal{Status: 408, Text: "The request body did not arrive in time."}
}

// firstBytes is the room at first: most requests are shorter.
const firstBytes = 8 << 10

// readAll reads a body, whose length is announced unless it is negative. It
// takes memory as the bytes come, whatever was announced, and counts it twice,
// since what is decoded is about as long.
func readAll(r io.Reader, length int64, held *share) ([]byte, error) {
	var body []byte
	for {
		if len(body) == cap(body) {
			more := max(firstBytes, len(body))
			if rest := length + 1 - int64(len(body)); rest > 0 { // one for the end
				more = int(min(int64(more), rest))
			}
			if err := held.take(2 * int64(more)); err != nil {
				return nil, err
			}
			body = append(make([]byte, 0, len(body)+more), body...)
		}
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case err == io.EOF: // and not one that is unexpected
			return body, nil
		case err != nil:
			return nil, err
		}
	}
}

func tooLarge() error {
	return &ingress.Refusal{Status: 413, Text: fmt.Sprintf("The request is too large: the limit is %d bytes.", ingress.MaxBodyBytes)}
}
