package locale_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/locale"
)

func TestEveryLanguageHasEveryMessageInEveryForm(t *testing.T) {
	t.Parallel()
	english := locale.Keys(locale.English)
	for _, l := range locale.All {
		if diff := cmp.Diff(english, locale.Keys(l)); diff != "" {
			t.Errorf("%s: %s", l, diff)
		}
		for _, key := range english {
			forms := locale.Forms(l, key)
			if len(locale.Forms(locale.English, key)) > 1 && (forms["one"] == "" || forms["other"] == "") {
				t.Errorf("%s in %s lacks a plural form", key, l)
			}
			for form, text := range forms {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s in %s: form %s is empty", key, l, form)
				}
				if want, got := holes(locale.Forms(locale.English, key)["other"]), holes(text); form == "other" && want != got {
					t.Errorf("%s in %s: placeholders %s, in English %s", key, l, got, want)
				}
			}
		}
	}
}

var hole = regexp.MustCompile(`\{[a-z]+\}`)

func holes(text string) string {
	all := hole.FindAllString(text, -1)
	sort.Strings(all)
	return strings.Join(all, " ")
}

var (
	literal = regexp.MustCompile(`locale\.(?:T|N)\(ctx, "([^"]+)"[,)]|locale\.In\([a-z.()A-Z]+, "([^"]+)"[,)]`)
	family  = regexp.MustCompile(`"([a-z]+(?:[.-][a-z0-9-]+)*\.)"`)
	quoted  = regexp.MustCompile(`"([a-z]+(?:\.[a-z0-9-]+)+)"`)
)

// sources are all Go files and templates but the generated ones and tests.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, dir := range []string{"../../internal", "../../web", "../../cmd"} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() && entry.Name() == "node_modules" {
				if err == nil {
					err = filepath.SkipDir
				}
				return err
			}
			ext := filepath.Ext(path)
			if ext != ".templ" && ext != ".go" || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			raw, err := os.ReadFile(path)
			all[path] = string(raw)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestEveryKeyInTheCodeExistsAndEveryMessageIsUsed(t *testing.T) {
	t.Parallel()
	used, families := map[string]bool{}, map[string]bool{"problem.": true, "letters.": true, "fault.": true}
	for path, text := range sources(t) {
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			key := m[1] + m[2]
			used[key] = true
			if !locale.Has(locale.English, key) {
				t.Errorf("%s: there is no message %q", path, key)
			}
		}
		for _, m := range family.FindAllStringSubmatch(text, -1) {
			families[m[1]] = true
		}
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
	}
	for _, key := range locale.Keys(locale.English) {
		if used[key] || used[strings.TrimSuffix(strings.TrimSuffix(key, ".title"), ".text")] {
			continue
		}
		inFamily := false
		for f := range families {
			inFamily = inFamily || strings.HasPrefix(key, f)
		}
		if !inFamily {
			t.Errorf("nobody uses the message %q", key)
		}
	}
}

func TestProblemsThatTheCodeNamesHaveMessages(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`(?:in\.Check\(.*?, (?:f\.)?field, |in\.Check\(.*?, "[a-z-]+", |fault\.One\("[a-z-]+", )"([a-z-]+)"`)
	found := 0
	for path, text := range sources(t) {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			found++
			if !locale.Has(locale.English, "problem."+m[1]) {
				t.Errorf("%s: problem.%s has no message", path, m[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d problems found: the pattern no longer fits the code", found)
	}
}

func TestMomentsAndNumbersAreWrittenAsEachLanguageDoes(t *testing.T) {
	t.Parallel()
	athens, err := time.LoadLocation("Europe/Athens")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2015, 6, 23, 22, 30, 0, 0, time.UTC)
	for l, want := range map[locale.Lang][3]string{
		locale.English: {"24 June 2015, 01:30 EEST", "12,345", "2 hours ago"},
		locale.German:  {"24. Juni 2015, 01:30 EEST", "12.345", "vor 2 Stunden"},
		locale.French:  {"24 juin 2015, 01:30 EEST", "12\u202f345", "il y a 2 heures"},
		locale.Greek:   {"24 Ιουνίου 2015, 01:30 EEST", "12.345", "πριν από 2 ώρες"},
	} {
		ctx := locale.With(context.Background(), l)
		got := [3]string{locale.Moment(ctx, at, athens), locale.Number(l, 12345), locale.Ago(ctx, at, at.Add(150*time.Minute))}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", l, diff)
		}
	}
}

func TestTheBrowsersWishIsHeard(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]locale.Lang{"": locale.English, "de-CH,fr;q=0.5": locale.German, "nl,fr-BE;q=0.7,en;q=0.3": locale.French, "el": locale.Greek, "ja": locale.English, "\xff;;q=x": locale.English} {
		if got := locale.Negotiate(accept); got != want {
			t.Errorf("%q: got %s, want %s", accept, got, want)
		}
	}
}
