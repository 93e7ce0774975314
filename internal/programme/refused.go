package programme

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong with a programme that was to be imported. Line 0 means the file as a whole.
type Fault struct {
	File   string
	Line   int
	Reason string
}

func (f Fault) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Reason
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Reason)
}

// Refused says why a programme was not imported: every fault at once, up to a hundred. Nothing was stored.
type Refused struct {
	Faults []Fault
	More   int // further ones
}

const mostFaults = 100

func (r *Refused) Error() string {
	lines := []string{"nothing was imported:"}
	for _, f := range r.Faults {
		lines = append(lines, f.String())
	}
	if r.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", r.More))
	}
	return strings.Join(lines, "\n")
}

func (r *Refused) note(at place, reason string, args ...any) {
	if len(r.Faults) >= mostFaults {
		r.More++
		return
	}
	r.Faults = append(r.Faults, Fault{at.file, at.line, fmt.Sprintf(reason, args...)})
}

// err is nil when nothing was noted.
func (r *Refused) err() error {
	if len(r.Faults) == 0 {
		return nil
	}
	return r
}

// place is where something stands in the files.
type place struct {
	file string
	line int
}
