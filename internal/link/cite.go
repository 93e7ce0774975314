package link

import "strconv"

// EntryState is an entry as it stood in one of its revisions: what a citation leads to.
func EntryState(slug string, number, revision int) string {
	return With(Entry(slug, number, ""), "revision", strconv.Itoa(revision))
}

// EntryAs is an entry to take along: as "md", "json", "bib" or "csl.json".
func EntryAs(slug string, number int, format string) string {
	return As(Entry(slug, number, ""), format)
}
