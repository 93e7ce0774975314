package meetings

import (
	"net/http"
	"slices"
	"strconv"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// attendance is the form on which the note taker ticks who was there.
type attendance struct {
	frame
	People  []meeting.Attending
	Typed   map[string]string // ways that were sent, by person
	Walked  []walked
	Fresh   bool // nobody was ticked yet: what people answered stands ticked
	Request string
}

// walked is somebody without an account, as typed.
type walked struct{ Name, Organisation, Perspective, Way string }

// key of a person in the form.
func key(p meeting.Attending) string {
	if p.Guest != 0 {
		return "g" + strconv.FormatInt(int64(p.Guest), 10)
	}
	return "a" + strconv.FormatInt(int64(p.Account), 10)
}

func person(key string) (p meeting.Person, ok bool) {
	if len(key) < 2 {
		return p, false
	}
	n, err := strconv.ParseInt(key[1:], 10, 64)
	switch {
	case err != nil || n < 1:
		return p, false
	case key[0] == 'a':
		p.Account = account.ID(n)
	case key[0] == 'g':
		p.Guest = meeting.GuestID(n)
	default:
		return p, false
	}
	return p, true
}

// way that stands ticked for a person.
func (t attendance) way(p meeting.Attending) meeting.Answer {
	if typed, ok := t.Typed[key(p)]; ok {
		return meeting.Answer(typed)
	}
	if t.Fresh && p.Answer.Comes() {
		return p.Answer
	}
	return p.Way
}

// listed are the people in the order of the list: those who come, the others, members before guests.
func (t attendance) listed() []meeting.Attending {
	rank := map[meeting.Answer]int{meeting.InPerson: 0, meeting.Remotely: 1, meeting.Perhaps: 2, "": 3, meeting.NotComing: 4}
	all := slices.Clone(t.People)
	slices.SortStableFunc(all, func(a, b meeting.Attending) int { return rank[a.Answer] - rank[b.Answer] })
	return all
}

// readAttendance keeps what differs from what stood on the page: two people may tick at once.
func readAttendance(r *http.Request, in form.Values, t *attendance) meeting.Record {
	c := meeting.Record{Lang: locale.Of(r.Context()), Request: in.Request()}
	t.Typed, t.Request = map[string]string{}, c.Request.String()
	for _, key := range in.Values["person"] {
		who, ok := person(key)
		way := in.Get("way-" + key)
		if !ok || len(c.Ticks) >= meeting.MaxThere {
			continue
		}
		t.Typed[key] = way
		if way != in.Get("was-"+key) {
			c.Ticks = append(c.Ticks, meeting.Tick{Person: who, Way: meeting.Answer(way)})
		}
	}
	t.Walked = nil
	for n := 1; n <= meeting.MaxWalked; n++ {
		at := "-" + strconv.Itoa(n)
		p := walked{in.Text("name" + at), in.Text("organisation" + at), in.Text("perspective" + at), in.Text("way" + at)}
		if p.Name == "" && p.Organisation == "" {
			continue
		}
		t.Walked = append(t.Walked, p)
		c.Walked = append(c.Walked, meeting.Walked{Name: p.Name, Organisation: p.Organisation, Perspective: community.Perspective(p.Perspective), Way: meeting.Answer(p.Way)})
	}
	return c
}

func (h handlers) record(w http.ResponseWriter, r *http.Request) error {
	x, err := h.kept(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	c := readAttendance(r, in, &x.Attendance)
	if err = in.Err(); err == nil {
		err = h.Meetings.Record(r.Context(), here(r).Seat, x.Number, c)
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		x.Attendance.Problems = x.Problems
		for len(x.Attendance.Walked) < 3 {
			x.Attendance.Walked = append(x.Attendance.Walked, walked{})
		}
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.at("answers")+"#attendance", "answers.notice.recorded")
}
