package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	perSecond = 50
	watched   = 4 * time.Second
)

// everyPage measures what a member asks for, among a thousand others and with an inbox of ten thousand, and then a coordinator.
func (b *bench) everyPage(ctx context.Context) error {
	if err := b.people(ctx); err != nil {
		return err
	}
	if _, err := b.pool.Exec(ctx, `vacuum analyze`); err != nil {
		return err
	}
	fmt.Printf("p95 of a page at %d requests/s (goal ≤ 30ms; search ≤ 50ms):\n", perSecond)
	if err := b.pages([]string{"/", "/communities", "/inbox", "/glossary", "/search?q=Hitze", "/new.atom", "/me", "/c/basel", "/c/basel/about", "/c/basel/members", "/c/basel/members/1", "/c/basel/repertoire",
		"/c/basel/discussions", "/c/basel/discussions?show=unread", "/c/basel/discussions?show=mine", "/c/basel/discussions?tag=bench", "/c/basel/discussions?form=help", "/c/basel/discussions?in=fr",
		"/c/basel/discussions.json", "/c/basel/discussions.atom", b.path}); err != nil {
		return err
	}
	if err := b.signIn(ctx, "beat-hollenstein"); err != nil {
		return err
	}
	if err := b.pages([]string{"/", "/c/basel/reports", "/c/basel/audit", "/c/basel/members/waiting", "/c/basel/members.json"}); err != nil {
		return err
	}
	return b.signIn(ctx, "silvan-oesch")
}

// pages asks for each page at a steady rate, whether or not earlier ones were answered, and prints the time to the last byte.
func (b *bench) pages(paths []string) error {
	for _, path := range paths {
		took, err := b.steadily(path)
		if err != nil {
			return err
		}
		fmt.Printf("  %-44s %s\n", path, p95(took))
	}
	return nil
}

func (b *bench) steadily(path string) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wait sync.WaitGroup
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	for end := time.Now().Add(watched); time.Now().Before(end); {
		due := <-tick.C
		wait.Go(func() {
			_, err := b.get(b.ours+path, false)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
			}
			all = append(all, took)
		})
	}
	wait.Wait()
	return all, failed
}
