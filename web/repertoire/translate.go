package repertoire

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// tongue says in which language an entry is read, where that is not its own.
type tongue struct {
	practice.Translation
	Original      locale.Lang // of the entry
	OriginalTitle string
}

// speak shows the entry in the language that the address asks for; without one in the reader's, unless the reader knows that of the entry.
func (s *shown) speak(r *http.Request) {
	v, lang := here(r), locale.Lang(r.URL.Query().Get("in"))
	if lang == "" && (!v.SignedIn() || !slices.Contains(v.Account.Languages, string(s.Lang))) {
		lang = locale.Of(r.Context())
	}
	t, there := practice.In(s.Life.Translations, lang)
	if !there {
		return
	}
	s.Tongue = &tongue{Translation: t, Original: s.Lang, OriginalTitle: s.Title}
	s.Lang, s.Title, s.Summary, s.Fields, s.HTML = t.Lang, t.Title, t.Summary, t.Fields, t.HTML
}

// own is the language in which the entry was written, and title what it is called in it.
func (s shown) own() (lang locale.Lang, title string) {
	if s.Tongue != nil {
		return s.Tongue.Original, s.Tongue.OriginalTitle
	}
	return s.Lang, s.Title
}

// couple is a part of an entry in two languages.
type couple struct {
	Part             practice.Part
	Original, Render string // HTML
	Typed            string // Markdown of the translation
}

// couples are the parts that stand in the original or in its translation.
func couples(e practice.Entry, fields practice.Fields) []couple {
	var all []couple
	for _, p := range e.Form.Parts() {
		if e.Fields[p] == "" && fields[p] == "" {
			continue
		}
		all = append(all, couple{Part: p, Original: markup.Render(e.Fields[p], markup.Targets{}), Render: markup.Render(fields[p], markup.Targets{}), Typed: fields[p]})
	}
	return all
}

// fitting are the texts of a translation in the parts that the entry has now: it may have become one of another form since.
func fitting(e practice.Entry, fields practice.Fields) practice.Fields {
	parts, kept := e.Form.Parts(), practice.Fields{}
	var rest []string
	for p, text := range fields {
		if slices.Contains(parts, p) {
			kept[p] = text
		} else {
			rest = append(rest, text)
		}
	}
	if len(rest) > 0 {
		slices.Sort(rest)
		kept[e.Form.First()] = strings.TrimSpace(kept[e.Form.First()] + "\n\n" + strings.Join(rest, "\n\n"))
	}
	return kept
}

// sideBySide is an entry and its translation, for reading.
type sideBySide struct {
	practice.Whole
	Slug  string
	There *practice.Translation // nil: none yet
}

func (h handlers) languages(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	whole, err := h.Entries.Read(r.Context(), here(r).Seat, number)
	if err != nil {
		return err
	}
	x := sideBySide{Whole: whole, Slug: here(r).Seat.Slug}
	for _, lang := range []locale.Lang{locale.Lang(r.URL.Query().Get("in")), locale.Of(r.Context())} {
		if t, there := practice.In(whole.Life.Translations, lang); there && x.There == nil {
			x.There = &t
		}
	}
	if x.There == nil && len(whole.Life.Translations) > 0 {
		x.There = &whole.Life.Translations[0]
	}
	if x.There != nil {
		x.There.Fields = fitting(whole.Entry, x.There.Fields)
	}
	return respond.OK(w, r, x.page())
}

// translationForm is a translation as typed, beside its original.
type translationForm struct {
	practice.Whole
	practice.Rendering
	Slug     string
	Abreast  bool                  // the translation says what the original says now
	There    *practice.Translation // that stands
	Conflict bool                  // somebody was faster: what stands is shown
	Problems ui.Problems
}

// original reads the entry to be translated, and what stands of it in a language: the one asked for, else the reader's, else one in which it does not stand yet.
func (h handlers) original(r *http.Request, asked locale.Lang) (translationForm, error) {
	var f translationForm
	number, err := entry(r)
	if err != nil {
		return f, err
	}
	seat := here(r).Seat
	whole, err := h.Entries.Read(r.Context(), seat, number)
	if err != nil {
		return f, err
	}
	if err := seat.Must(community.TranslateEntry); err != nil {
		return f, err
	}
	f.Whole, f.Slug = whole, seat.Slug
	choices := append([]locale.Lang{asked, locale.Of(r.Context())}, practice.Untranslated(whole.Lang, whole.Life.Translations)...)
	for _, lang := range append(choices, locale.All...) {
		if locale.Known(string(lang)) && lang != whole.Lang {
			f.Rendering.Lang = lang
			break
		}
	}
	if t, there := practice.In(whole.Life.Translations, f.Rendering.Lang); there {
		f.There = &t
	}
	return f, nil
}

func (h handlers) translatePage(w http.ResponseWriter, r *http.Request) error {
	f, err := h.original(r, locale.Lang(r.URL.Query().Get("in")))
	if err != nil {
		return err
	}
	f.OfRevision = f.Whole.Revision
	if t := f.There; t != nil {
		f.Rendering.Title, f.Rendering.Summary, f.Rendering.Fields, f.Rendering.Revision = t.Title, t.Summary, fitting(f.Entry, t.Fields), t.Revision
	}
	f.Abreast = true
	return respond.OK(w, r, f.page())
}

func (h handlers) translate(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f, err := h.original(r, locale.Lang(in.Text("lang")))
	if err != nil {
		return err
	}
	f.take(in)
	if err = in.Err(); err == nil {
		err = h.Entries.Translate(r.Context(), here(r).Seat, f.Number, f.sent())
	}
	if conflict, stale := fault.Stale(err); stale {
		f.Conflict, f.Rendering.Revision = true, conflict.Revision
		return respond.Page(w, r, http.StatusConflict, f.page())
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = f.named(r.Context(), ui.ProblemsOf(r.Context(), err))
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.EntryIn(f.Slug, f.Number, f.Whole.Title, string(f.Rendering.Lang)), "entry.life.notice.translated")
}

// take reads what was typed. The revision of the original is the one that lay beside the fields.
func (f *translationForm) take(in form.Values) {
	f.Rendering.Title, f.Rendering.Summary, f.Rendering.Fields = in.Text("title"), in.Text("summary"), practice.Fields{}
	for _, p := range f.Form.Parts() {
		if text := in.Body("part-" + string(p)); text != "" {
			f.Rendering.Fields[p] = text
		}
	}
	f.OfRevision, _ = strconv.Atoi(in.Get("of")) // 0 is no state of any entry
	f.Rendering.Revision, _ = strconv.Atoi(in.Get("revision"))
	f.Abreast = in.Get("asks") == "" || in.Chosen("abreast", "yes")
}

// sent is the translation to be stored: one that does not say what the original says now still renders what it rendered before.
func (f translationForm) sent() practice.Rendering {
	r := f.Rendering
	if !f.Abreast && f.There != nil {
		r.OfRevision = f.There.OfRevision
	}
	return r
}

// named gives the problems of a part the name of that part.
func (f translationForm) named(ctx context.Context, all ui.Problems) ui.Problems {
	for n, p := range all {
		if part, ok := strings.CutPrefix(p.Field, "part-"); ok {
			all[n].Name = locale.T(ctx, "repertoire.part."+part)
		}
	}
	return all
}

// behind reports whether the original changed since the translation that stands was brought up to it.
func (f translationForm) behind() bool { return f.There != nil && f.There.Behind(f.Whole.Revision) }

func (h handlers) untranslate(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	seat := here(r).Seat
	if err := h.Entries.Untranslate(r.Context(), seat, number, locale.Lang(in.Text("lang"))); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.EntryLanguages(seat.Slug, number, ""), "entry.life.notice.untranslated")
}
