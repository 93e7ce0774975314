// Package calendar writes meetings as iCalendar (RFC 5545), for the calendars of other programs.
package calendar

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-ical"
)

// Methods of RFC 5546: what a calendar does with what it gets.
const (
	Publish = "PUBLISH" // take it down
	Request = "REQUEST" // and say whether you come
	Cancel  = "CANCEL"  // it will not take place
)

// Calendar is what one file or one feed holds.
type Calendar struct {
	Method string
	Name   string         // of a feed; empty: a single file
	Lang   string         // of the name
	Zone   *time.Location // stands in a feed without events, which must not be empty
	Events []Event
}

// Event is one meeting with a date.
type Event struct {
	UID         string
	Sequence    int
	Stamp       time.Time // when this state of it was written
	Start, End  time.Time
	Zone        *time.Location // in which it takes place
	Summary     string
	Lang        string // of summary, location and description
	Location    string
	Description string
	URL         string
	Cancelled   bool
	Organizer   Party
	Attendee    *Attendee // nobody but the one who gets the file
	Alarm       time.Duration
}

// Party is a name with a mail address.
type Party struct{ Name, Address string }

// Attendee is the one who gets the file.
type Attendee struct {
	Party
	Status string
}

// Participation of an attendee.
const (
	NeedsAction = "NEEDS-ACTION"
	Accepted    = "ACCEPTED"
	Tentative   = "TENTATIVE"
	Declined    = "DECLINED"
)

// Write makes the file: lines of 75 octets at most, ended by CRLF, with the rules of all zones that its events speak of.
func Write(c Calendar) ([]byte, error) {
	out := ical.NewCalendar()
	out.Props.SetText(ical.PropProductID, "-//Koinon//Meetings//EN")
	out.Props.SetText(ical.PropVersion, "2.0")
	out.Props.SetText(ical.PropCalendarScale, "GREGORIAN")
	out.Props.SetText(ical.PropMethod, c.Method)
	if c.Name != "" {
		set(out.Props, "NAME", c.Name, c.Lang)
		set(out.Props, "X-WR-CALNAME", c.Name, "")
		refresh := ical.NewProp("REFRESH-INTERVAL")
		refresh.Params.Set(ical.ParamValue, "DURATION")
		refresh.Value = "PT1H"
		out.Props.Set(refresh)
		raw(out.Props, "X-PUBLISHED-TTL", "PT1H")
	}
	out.Children = append(out.Children, timezones(c)...)
	for _, e := range c.Events {
		out.Children = append(out.Children, e.component())
	}
	var b bytes.Buffer
	if err := ical.NewEncoder(&b).Encode(out); err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return fold(b.Bytes()), nil
}

func (e Event) component() *ical.Component {
	c := ical.NewComponent(ical.CompEvent)
	raw(c.Props, ical.PropUID, bare(e.UID))
	raw(c.Props, ical.PropSequence, strconv.Itoa(e.Sequence))
	c.Props.SetDateTime(ical.PropDateTimeStamp, e.Stamp.UTC())
	c.Props.SetDateTime(ical.PropLastModified, e.Stamp.UTC())
	c.Props.SetDateTime(ical.PropDateTimeStart, local(e.Start, e.Zone))
	c.Props.SetDateTime(ical.PropDateTimeEnd, local(e.End, e.Zone))
	set(c.Props, ical.PropSummary, e.Summary, e.Lang)
	if e.Location != "" {
		set(c.Props, ical.PropLocation, e.Location, e.Lang)
	}
	if e.Description != "" {
		set(c.Props, ical.PropDescription, e.Description, e.Lang)
	}
	if u, err := url.Parse(e.URL); err == nil && e.URL != "" {
		c.Props.SetURI(ical.PropURL, u)
	}
	status := "CONFIRMED"
	if e.Cancelled {
		status = "CANCELLED"
	}
	raw(c.Props, ical.PropStatus, status)
	if e.Organizer.Address != "" {
		c.Props.Set(e.Organizer.prop(ical.PropOrganizer))
	}
	if e.Attendee != nil {
		p := e.Attendee.prop(ical.PropAttendee)
		p.Params.Set("CUTYPE", "INDIVIDUAL")
		p.Params.Set(ical.ParamRole, "REQ-PARTICIPANT")
		p.Params.Set(ical.ParamParticipationStatus, e.Attendee.Status)
		if !e.Cancelled {
			p.Params.Set(ical.ParamRSVP, "TRUE")
		}
		c.Props.Add(p)
	}
	if e.Alarm > 0 && !e.Cancelled {
		c.Children = append(c.Children, e.alarm())
	}
	return c
}

func (e Event) alarm() *ical.Component {
	c := ical.NewComponent(ical.CompAlarm)
	raw(c.Props, ical.PropAction, "DISPLAY")
	set(c.Props, ical.PropDescription, e.Summary, e.Lang)
	raw(c.Props, ical.PropTrigger, fmt.Sprintf("-PT%dM", int(e.Alarm/time.Minute)))
	return c
}

func (p Party) prop(name string) *ical.Prop {
	prop := ical.NewProp(name)
	if p.Name != "" {
		prop.Params.Set(ical.ParamCommonName, parameter(p.Name))
	}
	prop.Value = "mailto:" + bare(p.Address)
	return prop
}

// local is a moment on the clocks of zone. Of an hour that comes twice they name the first, so the second is named in UTC.
func local(t time.Time, zone *time.Location) time.Time {
	if zone == nil || zone == time.UTC || zone.String() == "UTC" {
		return t.UTC()
	}
	at := t.In(zone)
	start, _ := at.ZoneBounds()
	if !start.IsZero() {
		_, before := start.Add(-time.Second).Zone()
		_, now := at.Zone()
		if at.Sub(start) < time.Duration(before-now)*time.Second {
			return t.UTC()
		}
	}
	return at
}

func raw(props ical.Props, name, value string) {
	p := ical.NewProp(name)
	p.Value = value
	props.Set(p)
}

func set(props ical.Props, name, text, lang string) {
	p := ical.NewProp(name)
	p.SetText(clean(text))
	p.Params.Del(ical.ParamValue) // text is what programs expect of an X- property
	if lang != "" {
		p.Params.Set(ical.ParamLanguage, lang)
	}
	props.Set(p)
}

// clean is a text without what no calendar takes: control characters other than line ends and tabs, and broken UTF-8.
func clean(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(text, ""))
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// bare is an identifier: one word.
func bare(text string) string { return strings.Join(strings.Fields(clean(text)), "") }

// parameter is a text in the place of a parameter, where neither line ends nor double quotes may stand, and where some programs take a
// backslash for the beginning of an escape.
func parameter(text string) string {
	return strings.NewReplacer(`"`, "”", `\`, "/").Replace(strings.Join(strings.Fields(clean(text)), " "))
}
