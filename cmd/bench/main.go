// Bench measures the site beside a bare page in the same run, and prints ratios: machines are noisy, ratios less so.
// "bench search 1000000" measures the search over so many items instead, "bench criteria" the criteria alone, "bench library" the library.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/embedded"
	"urbanfluxes.eu/koinon/internal/programme/demo"
)

func main() {
	items, err := searchOver(os.Args[1:])
	if err == nil {
		err = run(context.Background(), items)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// criteriaAlone in the place of a number of items measures nothing but the criteria.
const criteriaAlone = -1

// libraryAlone measures nothing but the library.
const libraryAlone = -2

// searchOver is how many items to search, as the arguments say; 0: measure the pages.
func searchOver(args []string) (int, error) {
	switch {
	case len(args) == 0:
		return 0, nil
	case args[0] == "criteria" && len(args) == 1:
		return criteriaAlone, nil
	case args[0] == "library" && len(args) == 1:
		return libraryAlone, nil
	case args[0] == "search" && len(args) == 1:
		return 1_000_000, nil
	case args[0] == "search" && len(args) == 2:
		if n, err := strconv.Atoi(args[1]); err == nil && n >= 1_000 {
			return n, nil
		}
	}
	return 0, errors.New("usage: bench, bench criteria, bench library, or bench search [number of items, at least 1000]")
}

func run(ctx context.Context, searched int) error {
	dir, err := os.MkdirTemp("", "koinon-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	server, err := embedded.Start(ctx, embedded.Options{Dir: filepath.Join(dir, "pg")})
	if err != nil {
		return err
	}
	defer server.Close()
	if err := postgres.Migrate(ctx, server.URL()); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, server.URL())
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := demo.Load(ctx, pool, time.Now()); err != nil {
		return err
	}
	b, err := newBench(ctx, pool)
	if err != nil {
		return err
	}
	defer b.close()
	if searched == criteriaAlone {
		return b.criteria(ctx)
	}
	if searched == libraryAlone {
		return b.library(ctx)
	}
	if searched > 0 {
		return b.searching(ctx, searched)
	}
	fmt.Println("Koinon's thread page of 50 replies, signed in, beside a bare chi + pgx + templ page with the same rows, bytes and compression.")
	var before float64
	for _, items := range []int{1_000, 100_000} {
		if err := b.fill(ctx, items); err != nil {
			return err
		}
		got, err := b.compare(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("%7d items: %6.0f pages/s, bare %6.0f pages/s, ratio %.2f (goal ≥ 0.50); p95 %s, bare p95 %s\n", items, got.ours, got.bare, got.ours/got.bare, got.oursP95, got.bareP95)
		if before > 0 {
			fmt.Printf("growth of the page's cost relative to the bare page, 1,000 → 100,000 items: %.2f (goal ≤ 1.20)\n", before/(got.ours/got.bare))
		}
		before = got.ours / got.bare
	}
	if err := b.everyPage(ctx); err != nil {
		return err
	}
	if err := b.meetings(ctx); err != nil {
		return err
	}
	if err := b.criteria(ctx); err != nil {
		return err
	}
	if err := b.library(ctx); err != nil {
		return err
	}
	if err := b.weigh(); err != nil {
		return err
	}
	if err := b.crowd(); err != nil {
		return err
	}
	return startAndMemory(ctx, dir)
}
