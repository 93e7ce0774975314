package link

import "strconv"

// EntryIn is an entry in one of the languages in which it stands.
func EntryIn(slug string, number int, title, lang string) string {
	return With(Entry(slug, number, title), "in", lang)
}

// EntryLanguages is an entry and its translation side by side.
func EntryLanguages(slug string, number int, lang string) string {
	return With(EntryAct(slug, number, "languages"), "in", lang)
}

// EntryTranslate writes an entry in another language.
func EntryTranslate(slug string, number int, lang string) string {
	return With(EntryAct(slug, number, "translate"), "in", lang)
}

// EntryChanges is what changed in an entry since a revision of it.
func EntryChanges(slug string, number, since int) string {
	return With(EntryAct(slug, number, "changes"), "since", strconv.Itoa(since))
}

// StaleEntries are those of a community that nobody confirmed lately.
func StaleEntries(city string) string { return With(Library, "age", "stale", "city", city) }
