package store

import (
	"fmt"
	"log/slog"
	"strings"
	"syscall"
)

const errAgain = syscall.EAGAIN

func contains(err error, text string) bool { return strings.Contains(err.Error(), text) }

// logger passes the database's messages on, as far as they matter.
type logger struct{ slog *slog.Logger }

func (l logger) Infof(format string, args ...any) {}

func (l logger) Errorf(format string, args ...any) {
	if l.slog != nil {
		l.slog.Error("database: " + fmt.Sprintf(format, args...))
	}
}

// Fatalf is called when going on would damage data.
func (l logger) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf("database: "+format, args...))
}
