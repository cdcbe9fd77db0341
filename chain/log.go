package chain

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/cometbft/cometbft/libs/log"
)

// engineLog passes the engine's messages on, one level lower than it sends
// them: most of what it calls an error is a machine that is away.
type engineLog struct {
	slog *slog.Logger
	// fault is told when the engine has stopped making blocks, which it says
	// nowhere else.
	fault func(error)
}

const engineFailed = "CONSENSUS FAILURE"

// Debug drops the message: there are thousands each second.
func (l *engineLog) Debug(string, ...any) {}

// Info is our debug.
func (l *engineLog) Info(text string, pairs ...any) { l.slog.Debug("engine: "+text, named(pairs)...) }

// Error is our warning, or the end.
func (l *engineLog) Error(text string, pairs ...any) {
	if !strings.HasPrefix(text, engineFailed) {
		l.slog.Info("engine: "+text, named(pairs)...)
		return
	}
	l.slog.Error("engine: "+text, named(pairs)...)
	cause := "unknown"
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "err" {
			cause = fmt.Sprint(pairs[i+1])
		}
	}
	l.fault(fmt.Errorf("the consensus engine has stopped: %s", cause))
}

// With adds pairs to every message.
func (l *engineLog) With(pairs ...any) log.Logger {
	return &engineLog{slog: l.slog.With(named(pairs)...), fault: l.fault}
}

// named makes keys that the log takes.
func named(pairs []any) []any {
	list := make([]any, len(pairs))
	for i, p := range pairs {
		list[i] = p
		if _, ok := p.(string); i%2 == 0 && !ok {
			list[i] = fmt.Sprint(p)
		}
	}
	return list
}
