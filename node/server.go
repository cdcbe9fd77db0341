package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

const (
	// headerTime is for slow senders of headers, and requestTime for those of
	// bodies where the handler sets no other time.
	headerTime  = 10 * time.Second
	requestTime = 30 * time.Second
	// idleTime is how long a kept-alive connection may do nothing.
	idleTime = 2 * time.Minute
	// stopTime is how long requests may take to end when the service stops.
	stopTime = 15 * time.Second
	// maxHeaderBytes is plenty for a browser on localhost, whose cookies of
	// other ports come along.
	maxHeaderBytes = 32 << 10
	// maxConnections of a port. Each takes a file descriptor, and the database
	// must never run out of those.
	maxConnections = 4096
)

// server is one open port.
type server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}
}

// listen takes the port; serve begins to answer on it.
func listen(address, flag string) (*server, error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("address %s is in use by another program: stop it, or choose another address with %s", address, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	return &server{listener: netutil.LimitListener(listener, maxConnections)}, nil
}

func (s *server) address() net.Addr { return s.listener.Addr() }

func (s *server) serve(handler http.Handler, logger *slog.Logger) {
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("a port is closed", "address", s.address(), "error", err)
		}
	}()
}

// stop answers what has been asked, and then closes the port.
func (s *server) stop(ctx context.Context) error {
	if s.http == nil {
		return s.listener.Close()
	}
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	<-s.done
	return err
}
