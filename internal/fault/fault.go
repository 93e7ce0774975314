// Package fault names the failures that a person can act on.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// These four are compared with errors.Is; wrap them with what was sought.
var (
	// NotFound says that nothing is there, or that the reader may not know of it.
	NotFound = errors.New("not found")
	// Forbidden says that the person's seat does not allow the act.
	Forbidden = errors.New("forbidden")
	// Gone says that something was there, and was removed.
	Gone = errors.New("gone")
	// TooMany says that an act was tried too often in a short time.
	TooMany = errors.New("too many attempts")
)

// Problem is one thing wrong with one field; Key names a message, Args fill it.
type Problem struct {
	Field string
	Key   string
	Args  []any
}

// Invalid carries every problem of an input at once. Its order is the order of the fields.
type Invalid struct{ Problems []Problem }

func (i *Invalid) Error() string {
	words := make([]string, len(i.Problems))
	for n, p := range i.Problems {
		words[n] = p.Field + ": " + p.Key
	}
	return "invalid input: " + strings.Join(words, ", ")
}

// Check notes a problem unless ok. The key is completed to "problem.<key>" when shown.
func (i *Invalid) Check(ok bool, field, key string, args ...any) {
	if !ok {
		i.Problems = append(i.Problems, Problem{Field: field, Key: key, Args: args})
	}
}

// Err is nil when no check failed.
func (i *Invalid) Err() error {
	if len(i.Problems) == 0 {
		return nil
	}
	return i
}

// One is an input with a single problem.
func One(field, key string, args ...any) error {
	return &Invalid{Problems: []Problem{{Field: field, Key: key, Args: args}}}
}

// Problems of an error, empty when it is not about input.
func Problems(err error) []Problem {
	var invalid *Invalid
	if errors.As(err, &invalid) {
		return invalid.Problems
	}
	return nil
}

// Conflict says that somebody changed the thing meanwhile: Revision is the one now stored.
type Conflict struct{ Revision int }

func (c *Conflict) Error() string {
	return fmt.Sprintf("changed meanwhile, now revision %d", c.Revision)
}

// Stale reports whether err is a Conflict, and returns it.
func Stale(err error) (*Conflict, bool) {
	var c *Conflict
	ok := errors.As(err, &c)
	return c, ok
}
