// Command tsne embeds data by t-SNE: tsne --help says how.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/libtsne/libtsne/tsne"
)

// What the program ends with.
const (
	exitInput = 1 // a file, the data or what they do not allow
	exitUsage = 2 // the command line
)

// command is one of the program's.
type command struct {
	name    string // "" for the one without
	files   []string
	options []option
	under   func() (bool, error) // sets what options lie over, if it is not nil
	run     func(context.Context, []string) error
}

func commands() []*command {
	return []*command{fitCommand(), transformCommand(), infoCommand()}
}

func main() {
	ctx, stop := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		signal.Stop(signals) // a second one ends the program
		stop(interrupted{s})
	}()
	err := run(ctx, os.Args[1:])
	if errors.Is(err, tsne.ErrCancelled) && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "tsne:", strings.ReplaceAll(err.Error(), "\n", " "))
	code := exitInput
	var misused usageError
	var by interrupted
	switch {
	case errors.As(err, &misused):
		code = exitUsage
	case errors.As(err, &by):
		code = 128 + by.code()
	}
	os.Exit(code)
}

func run(ctx context.Context, args []string) error {
	if len(args) == 1 && (args[0] == "--version" || args[0] == "-version" || args[0] == "version") {
		fmt.Println("tsne", tsne.Version)
		return nil
	}
	all := commands()
	c := all[0]
	help := false
	if len(args) > 0 && args[0] == "help" {
		help, args = true, args[1:]
	}
	for _, other := range all[1:] {
		if len(args) > 0 && args[0] == other.name {
			c, args = other, args[1:]
		}
	}
	files, err := parse(args, c.options)
	if err == nil && c.under != nil {
		var again bool
		if again, err = c.under(); again && err == nil {
			files, err = parse(args, c.options)
		}
	}
	if help || errors.Is(err, flag.ErrHelp) {
		fmt.Print(c.help())
		return nil
	}
	if err == nil && len(files) != len(c.files) {
		err = usage("got %d files, want %s; tsne --help says more", len(files), c.line())
	}
	if err != nil {
		return err
	}
	return c.run(ctx, files)
}

// usageError is about the command line.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// interrupted is the error of a program that was asked to stop.
type interrupted struct{ by os.Signal }

func (e interrupted) Error() string { return "interrupted, nothing is written" }

func (e interrupted) code() int {
	if s, ok := e.by.(syscall.Signal); ok {
		return int(s)
	}
	return int(syscall.SIGINT)
}

// stopped is an interrupted fit of which the map so far is kept.
type stopped struct {
	interrupted
	text string
}

func (e stopped) Error() string { return e.text }
func (e stopped) Unwrap() error { return e.interrupted }
