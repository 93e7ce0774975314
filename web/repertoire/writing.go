package repertoire

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	drafts "urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/ui"
)

// writing is the form of an entry, new or to be changed, as typed.
type writing struct {
	ID     item.ID
	Number int // 0: new
	Form   practice.Form
	Title  string
	Fields practice.Fields

	Summary, Place, Latitude, Longitude, Happened, URL, Quoting string

	Lang, Audience, Tags string
	Topics               []string         // keys that were ticked
	All                  []practice.Topic // to choose from
	Files                []file.File
	Request              string
	Revision             int
	Slug                 string
	Was, Stood           string // title and audience that stand
	Preview              string
	At                   practice.Part  // for which the page opens
	Theirs               *practice.Edit // what stands now, when somebody was faster
	Problems             ui.Problems
	Drafting             ui.Drafting
}

// action is the address to which the form is sent, and under which its draft is kept: one for all kinds of a new entry.
func (d writing) action() string {
	if d.Number == 0 {
		return link.NewEntry(d.Slug, "")
	}
	return link.EntryAct(d.Slug, d.Number, "edit")
}

// back is where the form is to be seen again.
func (d writing) back() string {
	if d.Number == 0 {
		return link.NewEntry(d.Slug, string(d.Form))
	}
	return d.action()
}

// bare reports whether the entry itself is a draft still: then saving it is what keeps the words.
func (d writing) bare() bool { return d.Stood == "" || d.Stood == item.Draft.Word() }

// everyPart are the parts of all forms, each once.
var everyPart = func() (all []practice.Part) {
	for _, f := range practice.Forms {
		for _, p := range f.Parts() {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}()

// typed is d with what the form says. A text for a part that the kind has not is kept where the kind keeps words of elsewhere.
func (d writing) typed(r *http.Request, in form.Values) writing {
	if form := practice.Form(in.Text("form")); form.Known() {
		d.Form = form
	}
	d.Fields = practice.Fields{}
	for _, p := range everyPart {
		text, to := in.Body(string(p)), p
		if text == "" {
			continue
		}
		if !slices.Contains(d.Form.Parts(), p) {
			to = d.Form.First()
		}
		d.Fields[to] = strings.TrimSpace(d.Fields[to] + "\n\n" + text)
	}
	d.Title, d.Lang, d.Audience, d.Tags, d.Request = in.Text("title"), in.Text("lang"), in.Text("audience"), in.Text("tags"), in.Request().String()
	d.Summary, d.Place, d.Latitude, d.Longitude, d.Happened, d.URL, d.Quoting = in.Text("summary"), in.Text("place"), in.Text("latitude"), in.Text("longitude"), in.Text("happened"), in.Text("url"), in.Text("quoting")
	d.Topics = chosenTopics(in.Values["topics"])
	d.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	revision, _ := strconv.Atoi(in.Get("draft"))     // a broken one is none
	d.Drafting = ui.Drafting{Place: d.action(), Back: d.back(), Tab: in.Text("tab"), Revision: revision, Unsaved: true, Bare: d.bare()}
	return d
}

// chosenTopics are the keys that were ticked, each once.
func chosenTopics(keys []string) []string {
	var all []string
	for _, key := range keys {
		if !slices.Contains(all, key) && len(all) < 50 {
			all = append(all, form.Clean(key, 40))
		}
	}
	return all
}

// resume fills the form with its draft.
func (d writing) resume(r *http.Request, from drafts.Draft) writing {
	asked, stood := d.Form, d
	d = d.typed(r, form.Values{Values: from.Fields})
	d.Request, d.Drafting = stood.Request, stood.Drafting
	if d.Lang == "" {
		d.Lang = stood.Lang
	}
	if d.Audience == "" {
		d.Audience = stood.Audience
	}
	if d.Number == 0 && asked != d.Form && r.URL.Query().Has("form") {
		d.Fields, d.Form = d.Fields.Recast(d.Form, asked), asked
	}
	return d
}

// text is what was typed; an audience that does not exist is wider than any, and so refused.
func (d writing) text(files []file.Choice) practice.Text {
	audience, ok := item.AudienceOf(d.Audience)
	if !ok {
		audience = -1
	}
	facts := practice.Facts{Summary: d.Summary, Place: d.Place, Latitude: degrees(d.Latitude), Longitude: degrees(d.Longitude), Happened: d.Happened, URL: d.URL, Quoting: d.Quoting}
	return practice.Text{Form: d.Form, Title: d.Title, Lang: locale.Lang(d.Lang), Fields: d.Fields, Facts: facts, Audience: audience, Tags: item.ReadTags(d.Tags), Topics: d.Topics, Files: files}
}

// degrees typed, with a point or a comma; what is no number is refused as one.
func degrees(typed string) *float64 {
	if typed == "" {
		return nil
	}
	x, err := strconv.ParseFloat(strings.Replace(strings.Trim(typed, " °"), ",", ".", 1), 64)
	if err != nil {
		x = math.NaN()
	}
	return &x
}

func degreesTyped(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

// choices are what a form offers, besides what it says.
func (h handlers) choices(r *http.Request, d *writing) (err error) {
	d.All, err = h.Entries.Topics(r.Context(), locale.Of(r.Context()))
	return err
}

// withDraft fills the form with its draft, if there is one.
func (h handlers) withDraft(r *http.Request, d writing) (writing, error) {
	var found drafts.Draft
	var err error
	d.Drafting = ui.Drafting{Place: d.action(), Back: d.back(), Tab: d.Request, Bare: d.bare()}
	if found, err = h.kept(r, d.action()); err != nil || found.Revision == 0 {
		return d, err
	}
	d = d.resume(r, found)
	d.Drafting.Loaded, d.Drafting.Revision, d.Drafting.SavedAt = true, found.Revision, found.At
	return d, nil
}

// received is a form with its files, as it came; whoever asks for it closes it.
type received struct {
	form.Values
	files form.Attached
}

// receive reads the form of an entry, and what it says.
func (h handlers) receive(w http.ResponseWriter, r *http.Request, stands writing) (received, writing, error) {
	in, err := form.ReadFiles(w, r)
	if err != nil {
		return received{}, stands, err
	}
	files, err := form.Attach(r.Context(), h.Files, here(r).Account.ID, stands.ID, in)
	if err != nil {
		in.Close()
		return received{}, stands, err
	}
	d := stands.typed(r, in)
	d.Files = files.Shown
	return received{in, files}, d, h.choices(r, &d)
}
