package web_test

import (
	"regexp"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// postOf is the HTML of one reply on a page.
func postOf(t *testing.T, a webtest.Answer, id string) string {
	t.Helper()
	post := regexp.MustCompile(`(?s)<article class="post" id="` + id + `".*?</article>`).FindString(a.Body)
	if post == "" {
		t.Fatalf("%s is not on the page", id)
	}
	return post
}

func TestReadersWithDifferentRightsNeverShareAPost(t *testing.T) {
	t.Parallel()
	const page = "/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an"
	s := webtest.New(t)
	author, member, coordinator, stranger := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler"), s.As(t, "beat-hollenstein"), s.Stranger(t)
	said := author.Post("/c/basel/discussions/1/reply", "body", "Einmalige Worte.", "lang", "de").Sees(t, 303).To()
	_, id, _ := strings.Cut(said, "#")
	act := "/replies/" + strings.TrimPrefix(id, "reply-") + "/"
	for _, round := range []string{"first", "second"} {
		for _, c := range []struct {
			who *webtest.Visitor
			may string
		}{{stranger, ""}, {author, "edit history remove"}, {member, "thanks history report"}, {coordinator, "thanks history report hide"}} {
			post := postOf(t, c.who.Get(page+"?at="+strings.TrimPrefix(id, "reply-")), id)
			for _, one := range strings.Fields("edit history remove thanks report hide") {
				if want, got := strings.Contains(" "+c.may+" ", " "+one+" "), strings.Contains(post, act+one+`"`); got != want {
					t.Errorf("%s reading, who may %q: %s offered: %v", round, c.may, one, got)
				}
			}
		}
	}
	before := postOf(t, author.Get(page), id)
	if english, german := before, postOf(t, author.Get(page+"?lang=de"), id); english == german {
		t.Error("another language has the same post")
	}
	member.Post("/c/basel/discussions/1"+act+"thanks", "thanks", "give").Sees(t, 303)
	if thanked := postOf(t, author.Get(page), id); thanked == before || !strings.Contains(thanked, "1") {
		t.Error("thanks changed nothing")
	}
	if mine := postOf(t, member.Get(page), id); !strings.Contains(mine, `aria-pressed="true"`) {
		t.Error("the thankful are not shown their thanks")
	}
	member.Post("/c/basel/discussions/1"+act+"thanks", "thanks", "back").Sees(t, 303)
	if back := postOf(t, author.Get(page), id); strings.Contains(back, "hanks") && back != before {
		t.Errorf("thanks taken back:\n%s\nbefore:\n%s", back, before)
	}
	author.Post("/c/basel/discussions/1"+act+"edit", "revision", "1", "body", "Andere Worte.", "lang", "de").Sees(t, 303)
	if edited := postOf(t, stranger.Get(page), id); strings.Contains(edited, "Einmalige") || !strings.Contains(edited, "Andere Worte") {
		t.Error("an edit is not shown")
	}
}
