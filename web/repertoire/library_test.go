package repertoire_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/internal/search"
	"urbanfluxes.eu/koinon/web/webtest"
)

// keep writes so many entries of a member of Basel, named by what they are.
func keep(t *testing.T, s *webtest.Site, n int, text practice.Text) {
	t.Helper()
	seat := community.Seat{Slug: "basel", Standing: community.Member}
	var who, where int64
	if err := s.DB.QueryRow(t.Context(), `select a.id, c.id from account a, community c where a.handle = 'regula-ammann' and c.slug = 'basel'`).Scan(&who, &where); err != nil {
		t.Fatal(err)
	}
	seat.Account, seat.Community = account.ID(who), community.ID(where)
	seat.Reach = community.Reach{Me: seat.Account, Mine: []int64{where}, Coordinated: []int64{}}
	title := text.Title
	for i := range n {
		if text.Fields, text.Title = (practice.Fields{}), title; n > 1 {
			text.Title = fmt.Sprintf("%s %d", title, i)
		}
		if _, err := practice.NewStore(s.DB, time.Now).Begin(t.Context(), seat, practice.New{Text: text, Request: uuid.New()}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFacetsNarrowTheLibraryAndEachGoesAwayAlone(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	keep(t, s, 1, practice.Text{Form: practice.Tool, Title: "A wind tunnel in a barn", Facts: practice.Facts{Summary: "It blows."}, Lang: locale.English, Audience: item.Public, Topics: []string{"measurement"}, Tags: []string{"Wind"}})
	keep(t, s, 1, practice.Text{Form: practice.Method, Title: "Counting shutters", Lang: locale.German, Audience: item.Community, Topics: []string{"energy"}})
	if err := search.NewStore(s.DB, time.Now).Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := s.Stranger(t)
	v.Lang = "en"
	v.Get("/repertoire").Sees(t, 200, "A wind tunnel in a barn", "It blows.", `href="/repertoire?kind=tool"`).Misses(t, "Counting shutters")
	v.Get("/repertoire?kind=tool&topic=measurement&city=basel&tag=WIND").Sees(t, 200, "A wind tunnel in a barn", `href="/repertoire?city=basel&amp;kind=tool&amp;tag=wind"`, `href="/repertoire?city=basel&amp;tag=wind&amp;topic=measurement"`, "1 entry")
	v.Get("/c/basel/repertoire?kind=tool&evidence=endorsed").Sees(t, 200, "Nothing matches all of this", `href="/c/basel/repertoire?kind=tool"`, `href="/c/basel/repertoire?evidence=endorsed"`)
	v.Get("/repertoire?q=tunel").Sees(t, 200, "A wind tunnel in a barn")
	m := s.As(t, "regula-ammann")
	m.Lang = "en"
	m.Get("/c/basel/repertoire?kind=method").Sees(t, 200, "Counting shutters")
	m.Get("/repertoire?show=mine&sort=title").Sees(t, 200, "Counting shutters", "A wind tunnel in a barn")
	m.Get("/c/basel").Sees(t, 200, "A wind tunnel in a barn")
}

func TestNoAddressOfTheLibraryBreaksIt(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	for _, query := range []string{"kind=nothing&in=xx&age=old&evidence=much&sort=worst&show=all", "kind[]=case", "topic=%00&tag=%ff&city=%27%3B--", "city=nowhere&topic=nothing", "tag=" + strings.Repeat("x", 4000), "q=" + strings.Repeat("%25", 400),
		"q=%27%20or%201%3D1&sort=relevance", "q=%2Dword", "q=%22", "q=E-1", "q=kind%3Acriterion", "sort=relevance", "kind=case&kind=case&kind=case", strings.Repeat("topic=a&", 300), "topic=greenery&topic=water&age=stale&in=el&evidence=unused&kind=problem&tag=a&q=x",
		"tag=a'%20and&topic=%7Bx%7D&city=%7B%7D", "q=%5C%5C%27%27"} {
		for _, at := range []string{"/repertoire?", "/c/basel/repertoire?"} {
			v.Get(at+query).Sees(t, 200)
		}
	}
	for _, cursor := range []string{"x", "e30", "bnVsbA", "W10", "eyJrIjoiXHUwMDAwIn0", "eyJpIjoxZTk5OX0", strings.Repeat("A", 5000)} {
		if got := v.Get("/repertoire?before=" + cursor).Status; got != 404 && got != 200 {
			t.Errorf("before=%.20s: %d", cursor, got)
		}
		if got := v.Get("/repertoire?sort=title&after=" + cursor).Status; got != 404 && got != 200 {
			t.Errorf("after=%.20s: %d", cursor, got)
		}
	}
}

func TestTheLibraryAsksNoMoreForManyEntries(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	text := practice.Text{Form: practice.Case, Title: "Shade", Lang: locale.English, Audience: item.Public, Topics: []string{"greenery"}, Tags: []string{"shade"}}
	keep(t, s, 2, text)
	v := s.As(t, "regula-ammann")
	few := map[string]int{}
	pages := []string{"/repertoire", "/c/basel/repertoire?kind=case&topic=greenery", "/repertoire?tag=shade&topic=greenery&topic=water&sort=title", "/repertoire?q=shade"}
	for _, path := range pages {
		v.Get(path)
		few[path] = s.Asked(func() { v.Get(path).Sees(t, 200) })
	}
	keep(t, s, 40, text)
	for _, path := range pages {
		if got := s.Asked(func() { v.Get(path).Sees(t, 200) }); got > few[path] || got > 20 {
			t.Errorf("%s: %d queries for few entries, %d for many", path, few[path], got)
		}
	}
}
