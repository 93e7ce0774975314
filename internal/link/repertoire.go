package link

import "fmt"

// Repertoire lists the shared entries of a community.
func Repertoire(slug string) string { return Community(slug) + "/repertoire" }

// Entry is one of them; title makes the readable part, the number decides.
func Entry(slug string, number int, title string) string {
	return fmt.Sprintf("%s/%d%s", Repertoire(slug), number, tail(title))
}

// EntryAct is an act on an entry: "edit", "history".
func EntryAct(slug string, number int, act string) string {
	return fmt.Sprintf("%s/%d/%s", Repertoire(slug), number, act)
}

// Library lists the shared entries of all communities.
const Library = "/repertoire"

// AdminTopics is where the topics of entries are kept.
const AdminTopics = Admin + "/topics"

// NewEntry begins an entry; form is one of the six kinds, or empty where one chooses.
func NewEntry(slug, form string) string { return With(Repertoire(slug)+"/new", "form", form) }

// EntryUse is one report of those who used an entry.
func EntryUse(slug string, number, use int) string {
	return fmt.Sprintf("%s#use-%d", EntryAct(slug, number, "uses"), use)
}

// EntryFromPost makes an entry of words in a reply, or in the opening (0), of a discussion.
func EntryFromPost(slug string, discussion, reply int) string {
	return fmt.Sprintf("%s/harvest?discussion=%d&reply=%d", Repertoire(slug), discussion, reply)
}

// EntryFromLine makes an entry of a line of a meeting's minutes.
func EntryFromLine(slug string, meeting, line int) string {
	return fmt.Sprintf("%s/harvest?meeting=%d&line=%d", Repertoire(slug), meeting, line)
}

// EntryFromPoint makes an entry of a point of a meeting's agenda.
func EntryFromPoint(slug string, meeting int, point int64) string {
	return fmt.Sprintf("%s/harvest?meeting=%d&point=%d", Repertoire(slug), meeting, point)
}

// EntryFromNote makes a whole entry of something that was heard.
func EntryFromNote(slug string, note int) string {
	return fmt.Sprintf("%s/harvest?note=%d", Repertoire(slug), note)
}

// Gathered are the passages that the reader laid together.
func Gathered(slug string) string { return Repertoire(slug) + "/gathered" }

// Themes are what several people said in their own words.
func Themes(slug string) string { return Repertoire(slug) + "/themes" }

// EntryFromAnswer makes a case of a help request that was answered.
func EntryFromAnswer(slug string, discussion int) string {
	return fmt.Sprintf("%s/harvest?discussion=%d&worked=yes", Repertoire(slug), discussion)
}

// EntrySource is one of the words that an entry grew out of; act is "release", "refuse", or empty for the words on its page.
func EntrySource(slug string, number, source int, act string) string {
	if act == "" {
		return fmt.Sprintf("%s#source-%d", Entry(slug, number, ""), source)
	}
	return EntryAct(slug, number, fmt.Sprintf("sources/%d/%s", source, act))
}

// Passage is one of the passages that the reader gathered, and what is done with it: "remove", "up", "words".
func Passage(slug string, id int64, act string) string {
	return fmt.Sprintf("%s/%d/%s", Gathered(slug), id, act)
}

// MeetingLine is a line of a meeting's minutes; MeetingPoint a point of its agenda.
func MeetingLine(slug string, number, line int) string {
	return fmt.Sprintf("%s#line-%d", MeetingPart(slug, number, "minutes"), line)
}

// MeetingPoint is a point of a meeting's agenda.
func MeetingPoint(slug string, number int, point int64) string {
	return fmt.Sprintf("%s#point-%d", MeetingPart(slug, number, "agenda"), point)
}
