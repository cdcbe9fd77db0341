package canister

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"internetidentity/candid"
	"internetidentity/hashtree"
	"internetidentity/httpcert"
	"internetidentity/principal"
)

// Asset is a file of the front end.
type Asset struct {
	// Path of the URL.
	Path        string
	ContentType string
	// Immutable files never change under their name.
	Immutable bool
	// Page is HTML, whose placeholders are filled in.
	Page bool
	Body []byte
	// Gzip is the compressed body, or nil.
	Gzip []byte
}

// Bundle is a front end. Its hash tells bundles apart.
type Bundle struct {
	Assets []Asset
	Hash   [32]byte
}

// Placeholders in a page.
const (
	placeholderCanister = "{{canister_id}}"
	placeholderConfig   = "{{canister_config}}"
)

// answer is a certified response under one path.
type answer struct {
	entry    httpcert.Entry
	response httpcert.Response
}

// site is what http_request serves, and the certification of all of it.
type site struct {
	tree hashtree.Map
	// plain and compressed answers by their expression path, and those of
	// version 1 by the path itself, which counts letter by letter there.
	plain, compressed, first map[string]*answer
	missing                  *answer
	// related origins, in quotes.
	related []string
}

// expression certifies a response with all its headers.
var expression = httpcert.Expression{Except: true}

const (
	pathConfig  = "/.config.did.bin"
	pathDomains = "/.well-known/ic-domains"
	pathRelated = "/.well-known/webauthn"
)

func newSite(self principal.Principal, bundle Bundle, s *settings) *site {
	record := s.effective(self)
	w := &site{plain: map[string]*answer{}, compressed: map[string]*answer{}, first: map[string]*answer{}, related: quotedOrigins(record.RelatedOrigins)}
	config := candid.MustCodec[struct{ C initRecord }]().Encode(&struct{ C initRecord }{record})
	for _, a := range bundle.Assets {
		body := a.Body
		if a.Page {
			body = bytes.ReplaceAll(body, []byte(placeholderCanister), []byte(self.String()))
			body = bytes.ReplaceAll(body, []byte(placeholderConfig), []byte(base64.StdEncoding.EncodeToString(config)))
		}
		w.add(a, body, nil)
		if a.Gzip != nil && !a.Page {
			w.add(a, a.Gzip, []httpcert.Header{{Name: "Content-Encoding", Value: "gzip"}})
		}
	}
	octets := "application/octet-stream"
	w.add(Asset{Path: pathConfig, ContentType: octets}, config, nil)
	w.add(Asset{Path: pathDomains, ContentType: octets}, domains(&record), nil)
	w.add(Asset{Path: pathRelated, ContentType: "application/json"}, relatedOrigins(record.RelatedOrigins), nil)

	w.missing = certified(httpcert.Wildcard("/"), 404, []byte("There is nothing here.\n"), headers("text/plain; charset=utf-8", noStore, false))
	w.tree = w.missing.entry.Put(w.tree)
	w.tree.Digest()
	return w
}

// Cache rules: what never changes is kept for a year, all else is asked for.
const (
	forever = "public, max-age=31536000, immutable"
	noStore = "no-cache, no-store"
)

func (w *site) add(a Asset, body []byte, more []httpcert.Header) {
	cache := noStore
	if a.Immutable {
		cache = forever
	}
	made := certified(httpcert.Exact(a.Path), 200, body, append(headers(a.ContentType, cache, a.Page, w.related...), more...))
	w.tree = made.entry.Put(w.tree)
	if more != nil {
		w.compressed[made.entry.Path.String()] = made
		return
	}
	w.plain[made.entry.Path.String()], w.first[a.Path] = made, made
	w.tree = w.tree.Put(httpcert.AssetPath(a.Path), hashOf(body))
}

// find is the answer for a decoded path. In the second version there is one for
// everything, since it is certified too that there is nothing.
func (w *site) find(path string, second, gzip bool) *answer {
	if !second {
		return w.first[path]
	}
	key := httpcert.Exact(path).String()
	if a, ok := w.compressed[key]; ok && gzip {
		return a
	}
	if a, ok := w.plain[key]; ok {
		return a
	}
	return w.missing
}

func certified(path httpcert.Path, status uint16, body []byte, h []httpcert.Header) *answer {
	h = append(h,
		httpcert.Header{Name: "Content-Length", Value: strconv.Itoa(len(body))},
		httpcert.Header{Name: httpcert.ExpressionName, Value: expression.String()})
	a := &answer{response: httpcert.Response{Status: status, Headers: h, Body: body}}
	a.entry = httpcert.Entry{Path: path, Expression: expression, Response: expression.ResponseHash(&a.response)}
	return a
}

// domains are the related origins, and that of the service itself, without
// their scheme, one a line.
func domains(r *initRecord) []byte {
	var lines []string
	if r.RelatedOrigins != nil {
		for _, origin := range *r.RelatedOrigins {
			lines = append(lines, host(origin))
		}
	}
	if r.BackendOrigin != nil && !slices.Contains(lines, host(*r.BackendOrigin)) {
		lines = append(lines, host(*r.BackendOrigin))
	}
	return []byte(strings.Join(lines, "\n"))
}

func host(origin string) string {
	if _, rest, found := strings.Cut(origin, "://"); found {
		return rest
	}
	return origin
}

// relatedOrigins may use the passkeys of this one (WebAuthn, Related Origin
// Requests).
func relatedOrigins(origins *[]string) []byte {
	list := struct {
		Origins []string `json:"origins"`
	}{[]string{}}
	if origins != nil {
		list.Origins = append(list.Origins, *origins...)
	}
	b, err := json.Marshal(list)
	if err != nil {
		// A list of texts always has a JSON form.
		panic("canister: encode related origins: " + err.Error())
	}
	return b
}
