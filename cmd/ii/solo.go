//go:build solo

package main

import (
	"context"
	"errors"
	"io"
)

var errNoCluster = errors.New("this program was built without clusters; leave -tags solo out")

func cluster(context.Context, []string, io.Writer, io.Writer) error { return errNoCluster }

func runNode(context.Context, []string, io.Writer, io.Writer) error { return errNoCluster }

func export([]string, io.Writer, io.Writer) error { return errNoCluster }
