package searching

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

func (h handlers) glossary(w http.ResponseWriter, r *http.Request) error {
	terms, err := h.search.Terms(r.Context(), locale.Of(r.Context()))
	if err != nil {
		return err
	}
	return respond.OK(w, r, glossaryPage(terms))
}

func slug(r *http.Request) string { return form.Clean(chi.URLParam(r, "term"), 60) }

func (h handlers) term(w http.ResponseWriter, r *http.Request) error {
	t, err := h.search.Term(r.Context(), slug(r))
	if err != nil {
		return err
	}
	return respond.OK(w, r, termPage(t))
}

// draft is the form of a term, as typed.
type draft struct {
	Slug        string // empty: a new one
	Words       map[locale.Lang]string
	Definitions map[locale.Lang]string
	Source      string
	Revision    int
	Request     string
	Theirs      *search.Term // what stands now, when somebody was faster
	Problems    ui.Problems
}

func (h handlers) newTerm(w http.ResponseWriter, r *http.Request) error {
	if !search.MayExtend(visit.Of(r.Context()).Reach) {
		return fault.Forbidden
	}
	d := draft{Words: map[locale.Lang]string{}, Definitions: map[locale.Lang]string{}, Request: uuid.NewString()}
	d.Words[locale.Of(r.Context())] = form.Clean(r.URL.Query().Get("word"), search.MaxTermWord)
	return respond.OK(w, r, d.page())
}

func readDraft(in form.Values) draft {
	d := draft{Words: map[locale.Lang]string{}, Definitions: map[locale.Lang]string{}, Source: in.Text("source"), Request: in.Request().String()}
	d.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	for _, l := range locale.All {
		d.Words[l], d.Definitions[l] = in.Text("words-"+string(l)), in.Text("definition-"+string(l))
	}
	return d
}

func (d draft) input() search.TermInput {
	in := search.TermInput{Source: d.Source, Revision: d.Revision, Request: uuid.MustParse(d.Request), Senses: map[locale.Lang]search.Sense{}}
	for _, l := range locale.All {
		in.Senses[l] = search.Sense{Words: listed(d.Words[l]), Definition: d.Definitions[l]}
	}
	return in
}

// listed are the words of a line in which commas part them, each once.
func listed(line string) []string {
	var words []string
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' }) {
		if w = strings.Join(strings.Fields(w), " "); w != "" && !seen[strings.ToLower(w)] {
			seen[strings.ToLower(w)] = true
			words = append(words, w)
		}
	}
	return words
}

func (h handlers) addTerm(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	d := readDraft(in)
	var made string
	if err = in.Err(); err == nil {
		made, err = h.search.AddTerm(r.Context(), visit.Of(r.Context()).Reach, d.input())
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Term(made), "glossary.notice.added")
}

func draftOf(t search.Term) draft {
	d := draft{Slug: t.Slug, Source: t.Source, Revision: t.Revision, Words: map[locale.Lang]string{}, Definitions: map[locale.Lang]string{}, Request: uuid.NewString()}
	for l, s := range t.Senses {
		d.Words[l], d.Definitions[l] = strings.Join(s.Words, ", "), s.Definition
	}
	return d
}

func (h handlers) editTerm(w http.ResponseWriter, r *http.Request) error {
	if !search.MayExtend(visit.Of(r.Context()).Reach) {
		return fault.Forbidden
	}
	t, err := h.search.Term(r.Context(), slug(r))
	if err != nil {
		return err
	}
	return respond.OK(w, r, draftOf(t).page())
}

func (h handlers) reviseTerm(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	d := readDraft(in)
	d.Slug = slug(r)
	if err = in.Err(); err == nil {
		err = h.search.ReviseTerm(r.Context(), visit.Of(r.Context()).Reach, d.Slug, d.input())
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.search.Term(r.Context(), d.Slug)
		if err != nil {
			return err
		}
		d.Theirs, d.Revision = &theirs, theirs.Revision
		return respond.Page(w, r, http.StatusConflict, d.page())
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Term(d.Slug), "glossary.notice.changed")
}

func (h handlers) removeTerm(w http.ResponseWriter, r *http.Request) error {
	if err := h.search.RemoveTerm(r.Context(), visit.Of(r.Context()).Reach, slug(r)); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Glossary, "glossary.notice.removed")
}
