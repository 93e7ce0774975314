package repertoire

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) mountHarvest(r chi.Router, door guard.Door) {
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/repertoire/harvest", respond.Handle(h.harvestPage))
		r.Post("/repertoire/harvest", respond.Handle(h.harvest))
		r.Get("/repertoire/gathered", respond.Handle(h.gatheredPage))
		r.Post("/repertoire/gathered", respond.Handle(h.gather))
		r.Post("/repertoire/gathered/{passage}/remove", respond.Handle(h.dropPassage))
		r.Post("/repertoire/gathered/{passage}/up", respond.Handle(h.raisePassage))
		r.Post("/repertoire/{entry}/sources/ask", respond.Handle(h.askRelease))
		r.Post("/repertoire/{entry}/sources/{source}/release", respond.Handle(h.answerRelease(true)))
		r.Post("/repertoire/{entry}/sources/{source}/refuse", respond.Handle(h.answerRelease(false)))
	})
}

// growing is the form that makes an entry of words that were said elsewhere, as typed.
type growing struct {
	Slug      string
	Private   bool
	Passages  []passage
	Turns     bool // a note of the reader's own becomes the entry itself
	Basket    bool // the passages come out of the basket
	Extra     []practice.Part
	More      map[practice.Part]string // of Extra
	Revision  int                      // of a note
	Problems  ui.Problems
	Form      string
	Title     string
	Text      string
	Lang      string
	Audience  string
	Request   string
	Narrowest item.Audience // of the places
}

// passage is words with where they stand, as chosen in the form.
type passage struct {
	harvest.Said
	Chosen string
	Left   bool // not to be taken in
	Lost   bool // its place is not there any more
}

func (h handlers) harvestPage(w http.ResponseWriter, r *http.Request) error {
	g, err := h.begun(r)
	if err != nil {
		return err
	}
	if len(g.Passages) == 0 {
		return respond.SeeOther(w, r, link.Gathered(here(r).Seat.Slug))
	}
	return respond.OK(w, r, g.ready(r).page())
}

// begun is the form that an address asks for: of one place, of a whole discussion, of a request that was answered, or of passages out of the basket.
func (h handlers) begun(r *http.Request) (g growing, err error) {
	q, seat := r.URL.Query(), here(r).Seat
	at := form.AtOf(q)
	switch {
	case q.Has("passage"):
		err = h.ofBasket(r, &g, q)
	case q.Has("worked"):
		err = h.ofAnswered(r, &g, at.Discussion)
	case q.Has("whole"):
		var all []harvest.Said
		all, err = h.Harvest.Throughout(r.Context(), seat, at.Discussion)
		g.take(all...)
		g.Text = g.together(false)
	default:
		var said harvest.Said
		said, err = h.Harvest.ForEntry(r.Context(), seat, at)
		g.take(said)
		g.Turns, g.Revision, g.Text = said.Own, said.Revision, textOf(said)
	}
	if err != nil || len(g.Passages) == 0 {
		return g, err
	}
	first := g.Passages[0]
	g.Title, g.Lang, g.Request = titleOf(first.Said), string(first.Lang), uuid.NewString()
	if g.Form = q.Get("form"); !practice.Form(g.Form).Known() {
		g.Form = string(practice.Case)
	}
	allowed := practice.Audiences(seat.Private)
	g.Audience = max(g.Narrowest, slices.Min(allowed)).Word()
	return g, nil
}

// take adds places with the words that one starts from: all that fit.
func (g *growing) take(all ...harvest.Said) {
	for _, said := range all {
		g.add(said, harvest.Most(said.Words))
	}
}

func (g *growing) add(said harvest.Said, words string) {
	g.Passages = append(g.Passages, passage{Said: said, Chosen: words})
	g.Narrowest = max(g.Narrowest, said.Audience)
}

// textOf is what the first part of an entry begins with: the words as they were typed, or what of them goes into a passage.
func textOf(said harvest.Said) string {
	if harvest.Most(said.Words) == said.Words {
		return strings.TrimSpace(said.Body)
	}
	return harvest.Most(said.Words)
}

// together are all passages as one text: as quotations, or the first as it is and the others as quotations below it.
func (g *growing) together(plain bool) string {
	var all []string
	for n, p := range g.Passages {
		if plain || n == 0 && !g.Basket {
			all = append(all, p.Chosen)
		} else {
			all = append(all, strings.TrimSpace(markup.Quote(p.Chosen)))
		}
	}
	return strings.Join(all, "\n\n")
}

// titleOf is a title to start from: that of the point or of the discussion's opening, else the first sentence of the words.
func titleOf(said harvest.Said) string {
	switch {
	case said.Point > 0 && said.Line == 0:
		return said.About
	case said.Discussion > 0 && said.Reply == 0, said.Note > 0 && said.Title != "":
		return said.Title
	}
	sentence, _, _ := strings.Cut(said.Words, ". ")
	return strings.TrimSuffix(markup.Excerpt(sentence, 100), ".")
}

// ofAnswered is a case of a help request: what was asked, what helped, and what came of it.
func (h handlers) ofAnswered(r *http.Request, g *growing, number int) error {
	asked, helped, outcome, err := h.Harvest.Worked(r.Context(), here(r).Seat, number)
	if err != nil {
		return err
	}
	g.take(asked)
	g.take(helped...)
	g.Text, g.Extra, g.More = textOf(asked), []practice.Part{"done", "outcome"}, map[practice.Part]string{"outcome": outcome}
	var done []string
	for _, said := range helped {
		done = append(done, textOf(said))
	}
	g.More["done"] = strings.Join(done, "\n\n")
	if words := harvest.Most(harvest.OnOneLine(outcome)); words != "" {
		g.add(asked, words)
	}
	return nil
}

// ofBasket is what was chosen out of the basket, in its order.
func (h handlers) ofBasket(r *http.Request, g *growing, q url.Values) error {
	all, err := h.Harvest.Basket(r.Context(), here(r).Seat)
	for _, p := range all {
		if !p.Gone && slices.Contains(q["passage"], strconv.FormatInt(p.ID, 10)) {
			g.add(p.Said, p.Kept)
		}
	}
	g.Basket = true
	g.Text = g.together(q.Get("as") == "plain")
	return err
}

// rejected is the form with what is wrong with it. The first part is one field, whatever the form of the entry calls it.
func (g growing) rejected(r *http.Request, err error) growing {
	g.Problems = ui.ProblemsOf(r.Context(), err)
	if kind := practice.Form(g.Form); kind.Known() && !slices.Contains(g.Extra, kind.First()) {
		g.Problems = g.Problems.Rename(string(kind.First()), "text")
	}
	for n, p := range g.Problems {
		if nth, ok := strings.CutPrefix(p.Field, "words-"); ok {
			g.Problems[n].Name = locale.T(r.Context(), "gather.passage", "n", nth)
		}
	}
	return g.ready(r)
}

// ready is the form for this reader.
func (g growing) ready(r *http.Request) growing {
	g.Slug, g.Private = here(r).Seat.Slug, here(r).Seat.Private
	return g
}

func (h handlers) harvest(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	g, err := h.typed(r, in)
	if err != nil {
		return err
	}
	if in.Chosen("act", "gather") && len(g.Passages) == 1 && !g.Passages[0].Lost {
		return h.layAside(w, r, harvest.Passage{At: g.Passages[0].At, Words: g.Passages[0].Chosen}, g)
	}
	made, err := item.Made{}, in.Err()
	if err == nil {
		made, err = h.grow(r, g)
	}
	if _, stale := fault.Stale(err); stale {
		err = fault.One("title", "note-changed")
	}
	if len(fault.Problems(err)) > 0 {
		return respond.Again(w, r, g.rejected(r, err).page())
	}
	if err != nil {
		return err
	}
	to, notice := link.Entry(here(r).Seat.Slug, made.Number, g.Title), "gather.notice.made"
	if in.Chosen("act", "more") {
		to = link.EntryAct(here(r).Seat.Slug, made.Number, "edit")
	}
	if made.Before {
		notice = "gather.notice.before"
	}
	return respond.SeeOtherSaying(w, r, to, notice)
}

// typed is the form as it was sent.
func (h handlers) typed(r *http.Request, in form.Values) (growing, error) {
	g := growing{Form: in.Text("form"), Title: in.Text("title"), Text: in.Body("text"), Lang: in.Text("lang"), Audience: in.Text("audience"), Request: in.Request().String(), Basket: in.Get("basket") != "", More: map[practice.Part]string{}}
	g.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	for _, part := range []practice.Part{"done", "outcome"} {
		if in.Has(string(part)) {
			g.Extra, g.More[part] = append(g.Extra, part), in.Body(string(part))
		}
	}
	places := in.Values["at"]
	if len(places) > harvest.MaxPassages {
		places = places[:harvest.MaxPassages]
	}
	for n, place := range places {
		q, err := url.ParseQuery(place)
		if err != nil {
			return g, fault.NotFound
		}
		field := strconv.Itoa(n + 1)
		p := passage{Said: harvest.Said{At: form.AtOf(q)}, Chosen: in.Body("words-" + field), Left: in.Has("asked-"+field) && !in.Has("take-"+field)}
		said, err := h.Harvest.ForEntry(r.Context(), here(r).Seat, p.At)
		switch {
		case err == nil:
			p.Said = said
			g.Narrowest = max(g.Narrowest, said.Audience)
		case harvest.Lost(err) && here(r).Seat.Must(community.WriteEntry) == nil:
			p.Lost = true
		default:
			return g, err
		}
		g.Passages = append(g.Passages, p)
	}
	g.Turns = in.Has("revision") && len(g.Passages) == 1 && g.Passages[0].Note > 0
	return g, here(r).Seat.Must(community.WriteEntry)
}

// fields are the parts of the entry that were typed; what its form has no place for stands below the first part.
func (g growing) fields() practice.Fields {
	kind := practice.Form(g.Form)
	if !kind.Known() {
		return practice.Fields{}
	}
	fields := practice.Fields{kind.First(): g.Text}
	for _, part := range g.Extra {
		to := part
		if !slices.Contains(kind.Parts(), part) {
			to = kind.First()
		}
		fields[to] = strings.TrimSpace(fields[to] + "\n\n" + g.More[part])
	}
	return fields
}

func (h handlers) grow(r *http.Request, g growing) (item.Made, error) {
	audience, ok := item.AudienceOf(g.Audience)
	if !ok {
		audience = -1 // wider than any, and so refused
	}
	t := practice.Text{Form: practice.Form(g.Form), Title: g.Title, Lang: locale.Lang(g.Lang), Fields: g.fields(), Audience: audience}
	request := uuid.MustParse(g.Request)
	if g.Turns {
		return h.Harvest.Turn(r.Context(), here(r).Seat, g.Passages[0].Note, t, g.Revision, request)
	}
	var taken []harvest.Passage
	for _, p := range g.Passages {
		if !p.Left {
			taken = append(taken, harvest.Passage{At: p.At, Words: p.Chosen})
		}
	}
	return h.Harvest.Entry(r.Context(), here(r).Seat, practice.New{Text: t, Request: request}, taken)
}

// back is where the form was opened.
func (g growing) back() string {
	if g.Basket || len(g.Passages) == 0 {
		return link.Gathered(g.Slug)
	}
	return g.Passages[0].Address(g.Slug)
}

// audienceHint says who reads the words where they stand, when not everybody does.
func (g growing) audienceHint(ctx context.Context) string {
	if g.Narrowest == item.Public || g.Turns {
		return ""
	}
	return locale.T(ctx, "gather.audience-hint", "audience", locale.T(ctx, "audience."+g.Narrowest.Word()))
}

func (g growing) forms(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, f := range practice.Forms {
		all = append(all, ui.Option{Value: string(f), Label: locale.T(ctx, "repertoire.form."+string(f)), Hint: locale.T(ctx, "repertoire.form."+string(f)+"-hint")})
	}
	return all
}
