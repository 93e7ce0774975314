package link

import "fmt"

// EntryAt is an entry as it stood at a revision.
func EntryAt(slug string, number int, title string, revision int) string {
	return fmt.Sprintf("%s?revision=%d", Entry(slug, number, title), revision)
}

// EntryPart opens the form of an entry at one of its parts.
func EntryPart(slug string, number int, part string) string {
	return With(EntryAct(slug, number, "edit"), "part", part)
}

// EntryAuthor is an act on one of those who stand beside the author: "drop", "place".
func EntryAuthor(slug string, number int, author int64, act string) string {
	return fmt.Sprintf("%s/%d/%s", EntryAct(slug, number, "authors"), author, act)
}
