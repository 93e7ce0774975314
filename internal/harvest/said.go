package harvest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/practice"
)

// At names where words stand in a community: a reply or the opening (0) of a discussion, a line of the minutes or a point of the agenda of a meeting, or a
// note of something heard.
type At struct {
	Discussion, Reply int
	Meeting, Line     int
	Point             int64
	Note              int
}

// Address is where the words stand; the title of a discussion or a note makes the readable part.
func (a At) Address(slug, title string) string {
	switch {
	case a.Line > 0:
		return link.MeetingLine(slug, a.Meeting, a.Line)
	case a.Meeting > 0:
		return link.MeetingPoint(slug, a.Meeting, a.Point)
	case a.Note > 0:
		return link.Entry(slug, a.Note, title)
	case a.Reply > 0:
		return link.Reply(slug, a.Discussion, title, a.Reply)
	}
	return link.Discussion(slug, a.Discussion, title)
}

// Query names the place in an address.
func (a At) Query() string {
	var parts []string
	add := func(name string, n int64) { parts = append(parts, name+"="+strconv.FormatInt(n, 10)) }
	switch {
	case a.Line > 0:
		add("meeting", int64(a.Meeting))
		add("line", int64(a.Line))
	case a.Meeting > 0:
		add("meeting", int64(a.Meeting))
		add("point", a.Point)
	case a.Note > 0:
		add("note", int64(a.Note))
	default:
		add("discussion", int64(a.Discussion))
		add("reply", int64(a.Reply))
	}
	return strings.Join(parts, "&")
}

// Said are words where they stand, and whose they are. Who asked discreetly is named to nobody.
type Said struct {
	At
	Item        item.ID // the discussion, reply, meeting or note
	Part        string  // "line-3" of the minutes
	Title       string  // of the discussion, the meeting or the note
	TitleLang   locale.Lang
	About       string // title of the point of the agenda
	AboutLang   locale.Lang
	On          *time.Time
	Body        string // all that one may choose from, as it was typed
	Words       string // and as it is read
	Also        string // what a help request says beside
	Lang        locale.Lang
	Speaker     account.ID // 0: nobody who belongs here
	Name        string
	Perspective community.Perspective
	Discreet    bool
	Unopened    bool // minutes that only their keepers read yet
	Audience    item.Audience
	Became      int  // number of the criterion made of a line; 0: none yet
	Own         bool // a note that the seat writes
	Revision    int  // of a note
	wish        bool // a criterion may be made of it
}

// Address is where the words stand.
func (s Said) Address(slug string) string { return s.At.Address(slug, s.Title) }

// Holds reports whether the words stand there: as they were typed, or as they are read.
func (s Said) Holds(words string) bool {
	words = OnOneLine(words)
	for _, text := range []string{s.Body, s.Words, s.Also} {
		if strings.Contains(OnOneLine(text), words) {
			return true
		}
	}
	return false
}

// OnOneLine is a text with its white space folded.
func OnOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// ForCriterion is what stands at a place, for somebody who may make a criterion of it.
func (s Store) ForCriterion(ctx context.Context, seat community.Seat, at At) (Said, error) {
	if err := seat.Must(community.Raise); err != nil {
		return Said{}, err
	}
	said, err := s.said(ctx, seat, at)
	if err == nil && !said.wish {
		err = fmt.Errorf("a criterion of line %d of meeting %d: %w", at.Line, at.Meeting, fault.NotFound)
	}
	return said, err
}

// ForEntry is what stands at a place, for somebody who may make an entry of it.
func (s Store) ForEntry(ctx context.Context, seat community.Seat, at At) (Said, error) {
	if err := seat.Must(community.WriteEntry); err != nil {
		return Said{}, err
	}
	return s.said(ctx, seat, at)
}

// Throughout is what stands in a whole discussion, for somebody who may make an entry of it.
func (s Store) Throughout(ctx context.Context, seat community.Seat, number int) ([]Said, error) {
	if err := seat.Must(community.WriteEntry); err != nil {
		return nil, err
	}
	posts, err := s.discussions.SaidThroughout(ctx, seat, number)
	all := make([]Said, 0, len(posts))
	for _, p := range posts {
		if p.Plain != "" {
			all = append(all, ofPost(At{Discussion: number, Reply: p.Reply}, p))
		}
	}
	return all, err
}

// Worked is a help request that was answered, for somebody who keeps what worked: what was asked, the replies that helped, and what came of it.
func (s Store) Worked(ctx context.Context, seat community.Seat, number int) (asked Said, helped []Said, outcome string, err error) {
	all, err := s.Throughout(ctx, seat, number)
	if err != nil {
		return asked, nil, "", err
	}
	plea, err := s.discussions.Plea(ctx, seat, number)
	for _, said := range all {
		if said.Reply == 0 {
			asked = said
		}
		for _, h := range plea.Helped {
			if h.Number == said.Reply {
				helped = append(helped, said)
			}
		}
	}
	return asked, helped, plea.Outcome, err
}

func (s Store) said(ctx context.Context, seat community.Seat, at At) (Said, error) {
	switch {
	case at.Note > 0:
		n, err := s.entries.Experienced(ctx, seat, at.Note)
		return ofNote(at, n), err
	case at.Line > 0:
		l, err := s.meetings.Said(ctx, seat, at.Meeting, at.Line)
		return ofLine(at, l), err
	case at.Point > 0:
		l, err := s.meetings.SaidPoint(ctx, seat, at.Meeting, at.Point)
		return ofLine(at, l), err
	}
	p, err := s.discussions.Said(ctx, seat, at.Discussion, at.Reply)
	return ofPost(at, p), err
}

func ofPost(at At, p discussion.Said) Said {
	on := p.At
	return Said{At: at, Item: p.ID, Title: p.Title, TitleLang: p.TitleLang, On: &on, Body: p.Body, Words: p.Plain, Also: p.Also, Lang: p.Lang,
		Speaker: p.Speaker, Name: p.Name, Perspective: p.Perspective, Discreet: p.Discreet, Audience: p.Audience, wish: true}
}

func ofLine(at At, l meeting.Said) Said {
	said := Said{At: at, Item: l.Meeting, Part: l.Part(), Title: l.Title, TitleLang: l.TitleLang, About: l.About, AboutLang: l.AboutLang, On: l.On, Body: l.Body, Words: l.Words, Lang: l.Lang,
		Speaker: l.Speaker, Name: l.Name, Perspective: l.Perspective, Unopened: l.Unopened, Audience: l.Audience, Became: l.Became, wish: l.AsksForCriterion()}
	said.Point = l.Point
	if said.Body == "" {
		said.Body = l.Words
	}
	return said
}

func ofNote(at At, n practice.Experienced) Said {
	on := n.At
	return Said{At: at, Item: n.ID, Title: n.Title, TitleLang: n.Lang, On: &on, Body: n.Body, Words: n.Plain, Lang: n.Lang,
		Speaker: n.Speaker, Name: n.Name, Perspective: n.Perspective, Audience: n.Audience, Own: n.Own, Revision: n.Revision}
}
