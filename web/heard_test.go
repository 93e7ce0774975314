package web_test

import (
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/web/webtest"
)

func TestWhatWasHeardOverLunchIsNotedAndLaterShared(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	urs, lea, beat := s.As(t, "urs-dettwiler"), s.As(t, "lea-straumann"), s.As(t, "beat-hollenstein")
	urs.Get("/c/basel").Sees(t, 200, "Heard over lunch", `href="/c/basel/heard"`)
	lea.Get("/c/london").Misses(t, "/c/london/heard")
	urs.Get("/c/basel/heard").Sees(t, 200, "What did you hear?", "autofocus")
	urs.Post("/c/basel/heard", "body", " ", "lang", "en").Sees(t, 422, "Please fill in")
	request := uuid.NewString()
	for range 2 { // a double click
		to := urs.Post("/c/basel/heard", "request", request, "body", "The caretaker moved the benches <b>north</b> in June.", "lang", "en").Sees(t, 303).To()
		urs.Get(to).Sees(t, 200, "Noted. Only you and the coordinators see it.", "Your notes", "moved the benches", "What did you hear?")
	}
	urs.Get("/c/basel/repertoire?show=mine").Sees(t, 200, "moved the benches", "draft")
	urs.Get("/c/basel/repertoire/5").Misses(t, "caretaker")
	const note = "/c/basel/repertoire/4"
	beat.Get(note).Sees(t, 200, "moved the benches", "Only its author and the coordinators")
	for who, v := range map[string]*webtest.Visitor{"member": lea, "visitor": s.Stranger(t)} {
		v.Get("/c/basel/repertoire").Sees(t, 200).Misses(t, "benches")
		v.Get("/c/basel").Misses(t, "benches")
		for _, path := range []string{note, note + "/history"} {
			if got := v.Get(path); got.Status != 404 {
				t.Errorf("%s as %s: %d", path, who, got.Status)
			}
		}
	}
	lea.Get(note+"/edit").Sees(t, 404)
	beat.Get(note+"/edit").Sees(t, 403)

	urs.Get(note).Sees(t, 200, "Work it up and share it")
	urs.Post(note+"/edit", "revision", "1", "title", "", "told", "The caretaker moved the benches north.", "lang", "en", "audience", "community").Sees(t, 422, "Please fill in")
	to := urs.Post(note+"/edit", "revision", "1", "title", "Benches to the north", "told", "The caretaker moved the benches north in June.", "lang", "en", "audience", "community", "tags", "benches").Sees(t, 303).To()
	if to != note+"-benches-to-the-north" {
		t.Errorf("led to %s", to)
	}
	urs.Get(to).Sees(t, 200, "Shared. Others can build on it now.")
	lea.Get(to).Sees(t, 200, "moved the benches", "Urs Dettwiler", "edited")
	lea.Get(note+"-something-else").Sees(t, 301)
	lea.Get(note+"/history").Sees(t, 200, "Version 1", "<ins>")
	lea.Get("/c/basel/repertoire?tag=benches").Sees(t, 200, "Benches to the north")
	lea.Get("/c/basel").Sees(t, 200, "Benches to the north")
	s.Stranger(t).Get(to).Sees(t, 404)
	urs.Post(note+"/edit", "revision", "1", "title", "Late", "told", "an old tab", "lang", "en", "audience", "public").Sees(t, 409, "an old tab", "This text was changed meanwhile")
	urs.Post(note+"/edit", "revision", "2", "title", "Benches to the north", "told", "words", "lang", "en", "audience", "public").Sees(t, 303)
	s.Stranger(t).Get(to).Sees(t, 200, "words")
	s.Stranger(t).Get("/c/basel/repertoire?before=zzz").Sees(t, 404)
	s.Stranger(t).Get("/c/basel/repertoire/01").Sees(t, 404)
}
