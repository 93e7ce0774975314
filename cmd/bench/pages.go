package main

import (
	"fmt"
	"sync"
	"time"
)

const (
	perSecond = 50
	watched   = 4 * time.Second
)

// pages asks for each page at a steady rate, whether or not earlier ones were answered, and prints the time to the last byte.
func (b *bench) pages(paths []string) error {
	fmt.Printf("p95 of a page at %d requests/s (goal ≤ 30ms; search ≤ 50ms):\n", perSecond)
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
