package notice

import (
	"slices"
	"strings"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Key is the message that says what happened, with the actor as {name}: by its verb where there are words for it, to whom it concerns or
// to everybody, else by why the reader is told.
func (l Line) Key() string {
	if key := "inbox.did." + l.Verb; l.Why == "concerned" && locale.Has(locale.English, key) {
		return key
	}
	if key := "inbox.news." + l.Verb; slices.Contains([]string{"concerned", "announced", "followed"}, l.Why) && locale.Has(locale.English, key) {
		return key
	}
	switch {
	case l.Why != "followed" || l.Reply > 0:
		return "inbox.line." + l.Why
	case l.Verb == "help.ask":
		return "inbox.line.asks-help"
	default:
		return "inbox.line.begun"
	}
}

// Address of the thread, or of the people of the community.
func (g Group) Address() string {
	switch {
	case g.Kind == "":
		return link.Members(g.Slug)
	case g.Kind == "discussion":
		return link.Discussion(g.Slug, g.Number, g.Title)
	default:
		return link.Within(g.Slug, string(g.Kind), g.Number, 0, g.Path)
	}
}

// AddressOf what a line of the group is about.
func (g Group) AddressOf(l Line) string {
	switch {
	case l.Why == "asked":
		return link.Waiting(g.Slug)
	case l.Why == "joined":
		return link.Members(g.Slug)
	case strings.HasPrefix(l.Verb, "agenda.") && g.Kind == "meeting":
		return link.MeetingPart(g.Slug, g.Number, "agenda")
	case strings.HasPrefix(l.Verb, "agenda."):
		return link.Backlog(g.Slug)
	case g.Kind == "":
		return link.Community(g.Slug)
	case g.Kind == "discussion" && l.Reply > 0:
		return link.Reply(g.Slug, g.Number, g.Title, l.Reply)
	case g.Kind == "criterion" && l.Reply > 0:
		return link.Claim(g.Slug, g.Number, l.Reply)
	case g.Kind == "entry" && l.Reply > 0:
		return link.EntryUse(g.Slug, g.Number, l.Reply)
	case l.Path != "":
		return link.Product(l.Path)
	case g.Kind == "meeting" && strings.HasPrefix(l.Verb, "minutes."):
		return link.MeetingPart(g.Slug, g.Number, "minutes")
	default:
		return g.Address()
	}
}
