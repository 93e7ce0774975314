package search

import "time"

// Patiently waits longer than a reader would: a test may run on a machine that does much else.
func (s Store) Patiently() Store {
	s.patience = time.Minute
	return s
}

// Folded is Fold without its table of letters.
var Folded = fold

// Lately are the marks of the weeks in which the newest share of rows was made.
var Lately = lately
