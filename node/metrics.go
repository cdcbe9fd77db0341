package node

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"internetidentity/replica"
)

// metrics are those of the host: requests, the runtime, the process. They are
// counted always and shown on an address of their own only, since they tell
// more than everybody needs to know. Those of the service itself are the
// canister's.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ii_http_requests_total", Help: "Requests by what they asked for and the status of the answer.",
		}, []string{"endpoint", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ii_http_request_seconds", Help: "Time to answer requests, by what they asked for.",
			Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10},
		}, []string{"endpoint"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ii_build_info", Help: "Always 1; the label is the version of the program.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// watch adds what the replica tells.
func (m *metrics) watch(stats func() replica.Stats) {
	for _, g := range []struct {
		name, help string
		value      func(replica.Stats) float64
	}{
		{"ii_block_height", "Number of the last block.", func(s replica.Stats) float64 { return float64(s.Height) }},
		{"ii_block_time_seconds", "Time of the last block.", func(s replica.Stats) float64 { return float64(s.Time) / 1e9 }},
		{"ii_queue_calls", "Calls that wait for a block.", func(s replica.Stats) float64 { return float64(s.Waiting) }},
		{"ii_queue_bytes", "Size of the calls that wait for a block.", func(s replica.Stats) float64 { return float64(s.WaitingBytes) }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help},
			func() float64 { return g.value(stats()) }))
	}
}

// count wraps the handler of all requests.
func (m *metrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorded := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorded, r)
		name := endpoint(r.URL.Path)
		m.requests.WithLabelValues(name, strconv.Itoa(recorded.status)).Inc()
		m.seconds.WithLabelValues(name).Observe(time.Since(start).Seconds())
	})
}

// endpoint names what a path asks for, with few names, whatever strangers ask.
func endpoint(path string) string {
	rest, isAPI := strings.CutPrefix(path, "/api/")
	if !isAPI {
		return "page"
	}
	if rest == "v2/status" {
		return "status"
	}
	for _, name := range []string{"call", "query", "read_state"} {
		if strings.HasSuffix(rest, "/"+name) {
			return name
		}
	}
	return "other"
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets deadlines reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// handler shows the metrics of the host, and then those of the service.
func (m *metrics) handler(service http.Handler) http.Handler {
	host := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		host.ServeHTTP(w, r)
		r.Host = "localhost"
		service.ServeHTTP(bodyOnly{w}, r)
	})
	return mux
}

// bodyOnly adds a body to an answer that has begun.
type bodyOnly struct{ w http.ResponseWriter }

func (b bodyOnly) Header() http.Header            { return http.Header{} }
func (b bodyOnly) WriteHeader(int)                {}
func (b bodyOnly) Write(body []byte) (int, error) { return b.w.Write(body) }
