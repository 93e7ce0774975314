package letters

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"urbanfluxes.eu/koinon/internal/calendar"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/mail"
	"urbanfluxes.eu/koinon/internal/meeting"
)

// Meeting is a letter about a meeting in words.
type Meeting struct {
	Lang     string
	Subject  string
	Greeting string
	Lead     []string
	Top      []list // what was settled
	Title    line
	Facts    []fact
	About    line
	Lists    []list
	Question string
	Buttons  []button
	Page     button
	Foot     []string
	Settings string // address
	StopText string
	Stop     string // address
}

// line is a text in a language.
type line struct{ Text, Lang string }

type fact struct {
	Term, Text string
	Lang       string // of the text, where people wrote it
	Href       string
}

type list struct {
	Title string
	Lines []linked
}

type linked struct {
	line
	Href string
}

type button struct{ Text, URL string }

// MeetingComposer writes letters about meetings for a site at base that sends from an address.
func MeetingComposer(base, sender string) func(context.Context, meeting.Letter) (mail.Message, error) {
	return func(ctx context.Context, l meeting.Letter) (mail.Message, error) {
		ctx = locale.With(ctx, l.Speaks)
		words := MeetingLetter(ctx, base, l)
		var html bytes.Buffer
		if err := words.page().Render(ctx, &html); err != nil {
			return mail.Message{}, err
		}
		thread := "meeting." + l.UID.String()
		m := mail.Message{To: l.To, From: l.Community, Subject: words.Subject, Text: words.text(), HTML: html.String(), Lang: l.Speaks, Thread: thread, ID: fmt.Sprintf("%s.%s.%d.%s", thread, l.Occasion, l.Edition, whom(l.Person)),
			List: l.Community, ListID: "meetings." + l.Slug, Unsubscribe: base + link.Unsubscribe(l.Unsubscribe)}
		var err error
		m.Invite, err = invite(base, sender, l)
		return m, err
	}
}

// whom tells the letters of one edition apart without telling anything else.
func whom(p meeting.Person) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d.%d", p.Account, p.Guest))
	return hex.EncodeToString(sum[:8])
}

// invite is the calendar file of a letter that changes calendars. It names nobody but its reader.
func invite(base, sender string, l meeting.Letter) (*mail.Invite, error) {
	if l.Occasion == meeting.ForSeries {
		return several(base, sender, l)
	}
	method := map[meeting.Occasion]string{meeting.ForInvitation: calendar.Request, meeting.ForChange: calendar.Request, meeting.ForCancellation: calendar.Cancel}[l.Occasion]
	if method == "" || l.StartsAt == nil {
		return nil, nil //nolint:nilnil // a letter without a file
	}
	e := l.Event(l.Speaks, base, sender)
	status := map[string]string{"in-person": calendar.Accepted, "online": calendar.Accepted, "maybe": calendar.Tentative, "no": calendar.Declined, "": calendar.NeedsAction}[l.Mine]
	e.Attendee = &calendar.Attendee{Party: calendar.Party{Name: l.Name, Address: l.To}, Status: status}
	file, err := calendar.Write(calendar.Calendar{Method: method, Events: []calendar.Event{e}})
	if err != nil {
		return nil, err
	}
	return &mail.Invite{Method: method, File: file}, nil
}

// several is the calendar file of a whole series: a file with several events asks for no answers (RFC 5546, 3.2.2), it is published.
func several(base, sender string, l meeting.Letter) (*mail.Invite, error) {
	file := calendar.Calendar{Method: calendar.Publish}
	for _, d := range l.Series {
		one := l.Dated
		one.StartsAt, one.EndsAt, one.UID, one.Sequence, one.Number = &d.StartsAt, &d.EndsAt, d.UID, d.Sequence, d.Number
		file.Events = append(file.Events, one.Event(l.Speaks, base, sender))
	}
	raw, err := calendar.Write(file)
	if err != nil {
		return nil, err
	}
	return &mail.Invite{Method: calendar.Publish, File: raw}, nil
}

// MeetingLetter puts a letter about a meeting of a site at base into the words of ctx.
func MeetingLetter(ctx context.Context, base string, l meeting.Letter) Meeting {
	key := "letters.meeting." + string(l.Occasion)
	m := Meeting{Lang: string(locale.Of(ctx)), Subject: locale.T(ctx, key+".subject", "community", l.Community, "title", l.Title), Greeting: locale.T(ctx, "letters.hello-name", "name", l.Name),
		Lead: []string{lead(ctx, l)}, Title: line{l.Title, string(l.Lang)}, Facts: facts(ctx, l), Page: button{locale.T(ctx, "letters.meeting.page"), base + link.Meeting(l.Slug, l.Number)}}
	if l.Occasion == meeting.ForMinutes {
		m.Page = button{locale.T(ctx, "letters.meeting.minutes-page"), base + link.MeetingPart(l.Slug, l.Number, "minutes")}
		m.Top = settled(ctx, base, l)
	} else {
		m.About = line{l.About(), string(l.Lang)}
		m.Lists = lists(ctx, l)
	}
	if l.Until != nil && l.Answerable() {
		m.Lead = append(m.Lead, locale.T(ctx, "letters.meeting.until", "day", locale.WeekdayDate(ctx, l.Until.In(l.Location()))))
	}
	if l.Answerable() {
		m.ask(ctx, base, l)
	}
	m.sign(ctx, base, l)
	return m
}

func lead(ctx context.Context, l meeting.Letter) string {
	switch {
	case l.Occasion == meeting.ForMinutes && l.Approved:
		return locale.T(ctx, "letters.meeting.minutes-approved")
	case l.Occasion == meeting.ForMinutes && l.Corrections != nil:
		return locale.T(ctx, "letters.meeting.corrections", "day", locale.WeekdayDate(ctx, *l.Corrections))
	}
	return locale.T(ctx, "letters.meeting."+string(l.Occasion)+".lead", "community", l.Community)
}

// facts are date, place and the like; what has changed stands with what it was.
func facts(ctx context.Context, l meeting.Letter) []fact {
	var all []fact
	add := func(term, text, lang, href string) {
		if text != "" {
			all = append(all, fact{Term: locale.T(ctx, "letters.meeting."+term), Text: text, Lang: lang, Href: href})
		}
	}
	add("reason", l.Reason, string(l.Lang), "")
	if l.Occasion != meeting.ForSeries {
		add("when", when(ctx, l), "", "")
	}
	place := l.Where()
	if l.Was != nil {
		was := meeting.Dated{Place: l.Was.Place, Address: l.Was.Address}.Where()
		if was != place {
			place = locale.T(ctx, "letters.meeting.was", "now", open(ctx, place), "was", open(ctx, was))
		}
	}
	add("where", place, string(l.Lang), "")
	if l.Occasion == meeting.ForCancellation || l.Occasion == meeting.ForMinutes {
		return all
	}
	add("map", l.MapURL, "", l.MapURL)
	add("access", l.AccessNote, string(l.Lang), "")
	text, href := online(ctx, l)
	add("online", text, "", href)
	return all
}

func open(ctx context.Context, place string) string {
	if place == "" {
		return locale.T(ctx, "letters.meeting.no-place")
	}
	return place
}

// when is the span in the meeting's zone, and in that of the community where its clocks show something else.
func when(ctx context.Context, l meeting.Letter) string {
	if l.StartsAt == nil {
		return ""
	}
	text := locale.Span(ctx, *l.StartsAt, *l.EndsAt, l.Location())
	if l.Was != nil && l.Was.Starts != nil && (!l.Was.Starts.Equal(*l.StartsAt) || !l.Was.Ends.Equal(*l.EndsAt) || l.Was.Zone != l.Zone) {
		text = locale.T(ctx, "letters.meeting.was", "now", text, "was", locale.Span(ctx, *l.Was.Starts, *l.Was.Ends, meeting.Dated{Zone: l.Was.Zone}.Location()))
	}
	home := meeting.Dated{Zone: l.CommunityZone}.Location()
	if offset(*l.StartsAt, home) != offset(*l.StartsAt, l.Location()) {
		text += "; " + locale.T(ctx, "letters.meeting.at-home", "time", locale.Hours(*l.StartsAt, *l.EndsAt, home)+" "+locale.ZoneOf(*l.StartsAt, home), "community", l.Community)
	}
	return text
}

func offset(t time.Time, zone *time.Location) int {
	_, seconds := t.In(zone).Zone()
	return seconds
}

// online says how to take part from elsewhere; the link itself stands there for who said yes.
func online(ctx context.Context, l meeting.Letter) (text, href string) {
	switch {
	case !l.Online && l.Was != nil && l.Was.Online:
		return locale.T(ctx, "letters.meeting.online-not"), ""
	case !l.Online:
		return "", ""
	case l.OnlineURL == "":
		text = locale.T(ctx, "letters.meeting.online-too")
	default:
		text, href = l.OnlineURL, l.OnlineURL
	}
	if l.Was != nil && l.Was.Link && href != "" {
		text = text + " (" + locale.T(ctx, "letters.meeting.link-new") + ")"
	}
	return text, href
}

func lists(ctx context.Context, l meeting.Letter) []list {
	var all []list
	if len(l.Options) > 0 {
		options := list{Title: locale.T(ctx, "letters.meeting.options")}
		for _, o := range l.Options {
			text := locale.Span(ctx, o.StartsAt, o.EndsAt, l.Location())
			if o.Place != "" {
				text += ", " + o.Place
			}
			if o.Online {
				text += ", " + locale.T(ctx, "letters.meeting.online")
			}
			options.Lines = append(options.Lines, linked{line: line{Text: text}})
		}
		all = append(all, options)
	}
	if len(l.Series) > 0 {
		dates := list{Title: locale.T(ctx, "letters.meeting.dates")}
		for _, d := range l.Series {
			dates.Lines = append(dates.Lines, linked{line: line{Text: locale.Span(ctx, d.StartsAt, d.EndsAt, l.Location())}})
		}
		all = append(all, dates)
	}
	if len(l.Agenda) > 0 {
		agenda := list{Title: locale.T(ctx, "letters.meeting.agenda")}
		for _, title := range l.Agenda {
			agenda.Lines = append(agenda.Lines, linked{line: line{title, string(l.Lang)}})
		}
		all = append(all, agenda)
	}
	return all
}

// settled are the decisions of a meeting and the reader's own actions, each with its page.
func settled(ctx context.Context, base string, l meeting.Letter) []list {
	var all []list
	decided := list{Title: locale.T(ctx, "letters.meeting.decided")}
	for _, d := range l.Decisions {
		decided.Lines = append(decided.Lines, linked{line{fmt.Sprintf("D-%d: %s", d.Number, d.Title), string(d.Lang)}, base + link.Decision(l.Slug, d.Number)})
	}
	mine := list{Title: locale.T(ctx, "letters.meeting.yours")}
	for _, a := range l.Actions {
		text := fmt.Sprintf("A-%d: %s", a.Number, a.Title)
		if a.Due != nil {
			text = locale.T(ctx, "letters.meeting.due", "text", text, "day", locale.Day(ctx, *a.Due))
		}
		mine.Lines = append(mine.Lines, linked{line{text, string(a.Lang)}, base + link.Action(l.Slug, a.Number)})
	}
	for _, one := range []list{mine, decided} {
		if len(one.Lines) > 0 {
			all = append(all, one)
		}
	}
	return all
}

// ask adds what the reader is asked. A link opens a page with one button: programs that follow links in mails answer for nobody.
func (m *Meeting) ask(ctx context.Context, base string, l meeting.Letter) {
	address := func(answer string) string {
		if l.Pass == "" {
			return ""
		}
		return base + link.With(link.Pass(l.Pass), "answer", answer)
	}
	if l.Occasion == meeting.ForPoll || l.Occasion == meeting.ForPollReminder {
		m.Buttons = []button{{locale.T(ctx, "letters.meeting.choose"), address("")}}
		return
	}
	m.Question = locale.T(ctx, "letters.meeting.coming")
	if l.Mine != "" {
		m.Question = locale.T(ctx, "letters.meeting.answered."+l.Mine)
	}
	for _, answer := range []string{"yes", "maybe", "no"} {
		m.Buttons = append(m.Buttons, button{locale.T(ctx, "letters.meeting."+answer), address(answer)})
	}
}

// sign says why the letter came, and how to have no more of them.
func (m *Meeting) sign(ctx context.Context, base string, l meeting.Letter) {
	if l.Unsubscribe == "" {
		return
	}
	m.StopText, m.Stop = locale.T(ctx, "letters.meeting.stop"), base+link.Unsubscribe(l.Unsubscribe)
	if l.Person.Guest != 0 {
		m.Foot = []string{locale.T(ctx, "letters.meeting.why-guest", "community", l.Community)}
		return
	}
	m.Foot, m.Settings = []string{locale.T(ctx, "letters.meeting.why-member", "community", l.Community)}, base+link.MyCalendar
}

// text is the letter without marks.
func (m Meeting) text() string {
	parts := append([]string{m.Greeting}, m.Lead...)
	for _, l := range m.Top {
		parts = append(parts, l.text())
	}
	head := []string{m.Title.Text}
	for _, f := range m.Facts {
		head = append(head, f.Term+": "+f.Text)
	}
	parts = append(parts, strings.Join(head, "\n"))
	if m.About.Text != "" {
		parts = append(parts, m.About.Text)
	}
	for _, l := range m.Lists {
		parts = append(parts, l.text())
	}
	if m.Question != "" {
		parts = append(parts, m.Question)
	}
	for _, b := range append(m.Buttons, m.Page) {
		parts = append(parts, b.Text+":\n"+b.URL)
	}
	foot := append([]string{"--"}, m.Foot...)
	for _, more := range []string{m.Settings, m.StopText, m.Stop} {
		if more != "" {
			foot = append(foot, more)
		}
	}
	return strings.Join(append(parts, strings.Join(foot, "\n")), "\n\n") + "\n"
}

func (l list) text() string {
	lines := []string{l.Title + ":"}
	for _, one := range l.Lines {
		lines = append(lines, "- "+one.Text)
		if one.Href != "" {
			lines = append(lines, "  "+one.Href)
		}
	}
	return strings.Join(lines, "\n")
}
