package web_test

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"urbanfluxes.eu/koinon/web/webtest"
)

// evilTitle would break out of every format that took it as it is.
const evilTitle = "=1+1 } --- \"x\": # {y} [z](javascript:alert(1)) <b>&amp; % Ω"

func TestALibraryIsTakenAlongAsFarAsItIsRead(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	regula, stranger := s.As(t, "regula-ammann"), s.Stranger(t)
	for n, audience := range []string{"public", "community", "draft"} {
		regula.Post("/c/basel/heard", "body", fmt.Sprintf("Told number %d.", n), "lang", "en").Sees(t, 303)
		if _, err := s.DB.Exec(t.Context(), `update item set title = $1, audience = $2 where kind = 'entry' and number = $3 and community_id = (select id from community where slug = 'basel')`, fmt.Sprint(evilTitle, " ", n), map[string]int{"public": 0, "community": 2, "draft": 3}[audience], 4+n); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB.Exec(t.Context(), `update item_search x set audience = i.audience from item i where i.id = x.item_id`); err != nil {
			t.Fatal(err)
		}
	}
	const ticks = "?entry=basel/4&entry=basel/5&entry=basel/6&entry=basel/900&entry=nowhere/1&entry=x"
	rows, err := csv.NewReader(strings.NewReader(stranger.Get("/repertoire.csv"+ticks).Sees(t, 200).Body)).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][3] != "'"+evilTitle+" 0" {
		t.Errorf("%q, %v", rows, err)
	}
	var list struct {
		Entries []struct{ Title string }
		Older   string
	}
	if err := json.Unmarshal([]byte(regula.Get("/c/basel/repertoire.json"+ticks).Sees(t, 200).Body), &list); err != nil || len(list.Entries) != 3 || list.Entries[2].Title != evilTitle+" 2" {
		t.Errorf("%v, %v", list, err)
	}
	if n := strings.Count(stranger.Get("/repertoire.bib"+ticks).Sees(t, 200).Body, "\n@") + 1; n != 1 {
		t.Errorf("%d citations", n)
	}
	readZip(t, stranger.Get("/repertoire.zip"+ticks).Sees(t, 200).Body)
	if empty := stranger.Get("/c/basel/repertoire.json?entry=basel/6").Sees(t, 200).Body; !json.Valid([]byte(empty)) || strings.Contains(empty, "Told") {
		t.Errorf("a draft: %s", empty)
	}
	stranger.Get("/c/basel/repertoire.csv?kind=method").Sees(t, 200)
	stranger.Get("/repertoire.zip?"+strings.Repeat("entry=basel/4&", 501)).Sees(t, 422)
}

// readZip reads a library of one entry back.
func readZip(t *testing.T, body string) {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil || len(z.File) != 2 || !strings.HasPrefix(z.File[0].Name, "basel-e-004-1-1-x-y-z") || z.File[1].Name != "README.md" {
		t.Fatalf("%v %v", z, err)
	}
	file, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(string(text), "---\n", 3)
	var front struct{ Title string }
	if err := yaml.Unmarshal([]byte(parts[1]), &front); err != nil || front.Title != evilTitle+" 0" || !strings.Contains(parts[2], "Told number 0.") {
		t.Errorf("%q: %v", text, err)
	}
}

func TestAStoryWhoseTellersAreNotToBeNamedIsCitedWithoutThem(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	regula := s.As(t, "regula-ammann")
	regula.Post("/c/basel/heard", "body", "What we did with it.", "lang", "en").Sees(t, 303)
	for _, sql := range []string{`update item set title = 'Ours', audience = 0 where kind = 'entry' and number = 4 and community_id = (select id from community where slug = 'basel')`,
		`update entry e set form = 'story', quoting = 'unnamed', fields = '{"immediate": "What we did with it."}' from item i where i.id = e.item_id and i.kind = 'entry' and i.number = 4 and e.community_id = (select id from community where slug = 'basel')`} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, format := range []string{"md", "json", "bib", "csl.json"} {
		s.Stranger(t).Get("/c/basel/repertoire/4."+format).Sees(t, 200, "a member").Misses(t, "Ammann", "Regula")
	}
	for _, format := range []string{"csv", "json", "bib"} {
		s.Stranger(t).Get("/repertoire."+format+"?entry=basel/4").Sees(t, 200).Misses(t, "Ammann", "Regula")
	}
}
