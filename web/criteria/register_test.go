package criteria_test

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

const register = "/c/basel/criteria"

// upload sends a file of criteria as the page does.
func upload(t *testing.T, v *webtest.Visitor, file string) webtest.Answer {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("files", "criteria.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(file)) // into memory
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", register+"/import", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.Do(r)
}

var carriedAlong = regexp.MustCompile(`name="(request|content)" value="([^"]+)"`)

// bringIn looks at a file and then has it made.
func bringIn(t *testing.T, v *webtest.Visitor, file string) {
	t.Helper()
	var fields []string
	for _, m := range carriedAlong.FindAllStringSubmatch(upload(t, v, file).Sees(t, 200, "What would be made").Body, -1) {
		fields = append(fields, m[1], strings.ReplaceAll(m[2], "&#43;", "+"))
	}
	v.Post(register+"/import", fields...).Sees(t, 303)
}

func TestAFileIsLookedAtThenMadeThenGoesOutAndInAgain(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	v := s.As(t, "beat-hollenstein")
	before := strings.Count(v.Get(register+".csv?show=all").Body, "\n")
	upload(t, v, "statement,target\nA new one,much\n").Sees(t, 422, "Nothing was stored", "A new one")
	bringIn(t, v, "statement,category,comparator,target,unit\n'=A trap,scale,≤,100,m\nA second,,,,\n")
	out := v.Get(register+".csv?show=all").Sees(t, 200, "'=A trap", "at-most,100,,m").Body
	if got := strings.Count(out, "\n"); got != before+2 {
		t.Fatalf("%d lines, want two more than %d", got, before)
	}
	upload(t, v, out).Sees(t, 200, "0 criteria would be made.", "Says the same already")
	v.Get(register+"?show=all&q=trap").Sees(t, 200, "=A trap", "100").Misses(t, "A second")
	s.Stranger(t).Get(register+"/annex?show=all").Sees(t, 200, "=A trap")
}

func TestRowsThatAreTickedChangeTogether(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	v := s.As(t, "beat-hollenstein")
	bringIn(t, v, "statement\nTicked one\nTicked two\n")
	var fields []string
	for _, m := range regexp.MustCompile(`name="chosen" value="([^"]+)"`).FindAllStringSubmatch(v.Get(register+"?q=ticked").Sees(t, 200).Body, -1) {
		fields = append(fields, "chosen", m[1])
	}
	if len(fields) != 4 {
		t.Fatalf("chose %v", fields)
	}
	v.Post(register+"?q=ticked", append(fields, "act", "decline")...).Sees(t, 422, "Reason")
	v.Post(register+"?q=ticked", append(fields, "act", "decline", "reason", "Not ours")...).Sees(t, 303)
	v.Get(register+"?q=ticked&show=declined").Sees(t, 200, "Ticked one", "Ticked two")
	v.Post(register+"?q=ticked", append(fields, "act", "category", "to_category", "scale")...).Sees(t, 422, "changed in the meantime")
}

func TestQueriesOfTheRegisterDoNotGrowWithItsRows(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	v := s.As(t, "beat-hollenstein")
	pages := []string{register + "?show=all", register + ".csv", register + "/annex"}
	bringIn(t, v, "statement,source_form,speaker,words\nFirst,person,Somebody,so it was said\n")
	few := map[string]int{}
	for _, path := range pages {
		v.Get(path)
		few[path] = s.Asked(func() { v.Get(path).Sees(t, 200) })
	}
	many := "statement,source_form,speaker,words\n"
	for n := range 40 {
		many += "More " + strings.Repeat("x", n+1) + ",person,Somebody,so it was said\n"
	}
	bringIn(t, v, many)
	for _, path := range pages {
		if got := s.Asked(func() { v.Get(path).Sees(t, 200) }); got != few[path] || got > 20 {
			t.Errorf("%s: %d queries for few rows, %d for many", path, few[path], got)
		}
	}
}
