package criterion

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Planned is what would be made of one line of a file.
type Planned struct {
	Line     int
	New      New
	Problems []fault.Problem
	Same     int // number of the criterion that says the same already; nothing is made
	Twice    int // line of the file that says the same; nothing is made
}

// Makes reports whether a criterion would be made of the line.
func (p Planned) Makes() bool { return len(p.Problems) == 0 && p.Same == 0 && p.Twice == 0 }

// Plan is what would be made of a file of criteria.
type Plan struct {
	Lines  []Planned
	Makes  int // criteria that would be made
	Faulty int // lines that cannot be read as they are: nothing is made of the file
}

// known is what the lines of a file may name.
type known struct {
	categories map[string]bool
	products   map[string]item.ID
	items      map[string]item.ID // "M-3", "T-4"
	same       map[string]int     // statement in small letters: number of the first that says it
}

// PlanImport judges every line of a file of criteria, and stores nothing.
func (s Store) PlanImport(ctx context.Context, seat community.Seat, t Table, lang locale.Lang) (Plan, error) {
	if err := seat.Must(community.Word); err != nil {
		return Plan{}, err
	}
	return s.planIn(ctx, s.db, seat, t, lang)
}

func (s Store) planIn(ctx context.Context, db postgres.DB, seat community.Seat, t Table, lang locale.Lang) (Plan, error) {
	k, err := nameable(ctx, db, seat, t)
	if err != nil {
		return Plan{}, err
	}
	plan, seen := Plan{}, map[string]int{}
	for _, line := range t.Lines {
		p := Planned{Line: line.At}
		var in fault.Invalid
		p.New = line.criterion(&in, k, seat, lang)
		p.Problems = in.Problems
		key := strings.ToLower(p.New.Statement)
		if key != "" {
			p.Same, p.Twice = k.same[key], seen[key]
			if p.Twice == 0 {
				seen[key] = line.At
			}
		}
		switch {
		case len(p.Problems) > 0:
			plan.Faulty++
		case p.Makes():
			plan.Makes++
		}
		plan.Lines = append(plan.Lines, p)
	}
	return plan, nil
}

// Import makes a criterion of every line that says something new: of all of them, or of none. The same form sent again makes nothing more.
func (s Store) Import(ctx context.Context, seat community.Seat, t Table, lang locale.Lang, request uuid.UUID) (Plan, error) {
	var plan Plan
	if err := seat.Must(community.Word); err != nil {
		return plan, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Once(ctx, tx, seat, request, 0, s.now())
		if err != nil || !first {
			return err
		}
		if plan, err = s.planIn(ctx, tx, seat, t, lang); err != nil {
			return err
		}
		if plan.Faulty > 0 {
			return fault.One("files", "import-faulty")
		}
		for _, p := range plan.Lines {
			if !p.Makes() {
				continue
			}
			p.New.Request = uuid.NewSHA1(request, []byte(strconv.Itoa(p.Line)))
			if _, err := s.RaiseIn(ctx, tx, seat, p.New); err != nil {
				return fmt.Errorf("line %d: %w", p.Line, err)
			}
		}
		return nil
	})
	return plan, err
}

// nameable looks up what the file names, in as many queries for many lines as for few.
func nameable(ctx context.Context, db postgres.DB, seat community.Seat, t Table) (known, error) {
	k := known{map[string]bool{}, map[string]item.ID{}, map[string]item.ID{}, map[string]int{}}
	statements := make([]string, 0, len(t.Lines))
	for _, line := range t.Lines {
		statements = append(statements, strings.ToLower(oneLine(line.Cells["statement"])))
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "statements": statements})
	b := &pgx.Batch{}
	var name string
	var id item.ID
	var number int
	b.Queue(`select key from criterion_category where retired_at is null`).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&name}, func() error { k.categories[name] = true; return nil })
		return err
	})
	b.Queue(`select p.slug, i.id from product p join item i on i.id = p.item_id where i.removed_at is null and `+community.Visible, args).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&name, &id}, func() error { k.products[name] = id; return nil })
		return err
	})
	b.Queue(`select case i.kind when 'meeting' then 'M-' else 'T-' end || i.number, i.id from item i
		where i.community_id = @community and i.kind in ('meeting', 'discussion') and i.parent_id is null and i.removed_at is null and `+community.Visible, args).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&name, &id}, func() error { k.items[name] = id; return nil })
		return err
	})
	b.Queue(`select lower(i.title), min(i.number) from item i where i.community_id = @community and i.kind = 'criterion' and i.removed_at is null and lower(i.title) = any(@statements::text[]) and `+community.Visible+` group by 1`, args).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&name, &number}, func() error { k.same[name] = number; return nil })
		return err
	})
	if err := db.SendBatch(ctx, b).Close(); err != nil {
		return k, fmt.Errorf("what a file of criteria names: %w", err)
	}
	return k, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// criterion that the line describes; what is wrong with it is noted at the columns.
func (l Line) criterion(in *fault.Invalid, k known, seat community.Seat, lang locale.Lang) New {
	cell := func(name string) string { return oneLine(l.Cells[name]) }
	in.Check(!l.Few, "statement", "import-cells")
	n := New{Statement: cell("statement"), Why: strings.ReplaceAll(l.Cells["why"], "\r\n", "\n"), Lang: lang, Audience: OpenTo(seat.Private)[0], Category: cell("category"), Target: l.target(in)}
	if named := cell("language"); named != "" {
		n.Lang = locale.Lang(strings.ToLower(named))
	}
	if named := cell("audience"); named != "" {
		a, ok := item.AudienceOf(named)
		if !ok {
			a = -1
		}
		n.Audience = a
	}
	in.Check(n.Category == "" || k.categories[n.Category], "category", "import-unknown", "name", short(n.Category))
	for _, slug := range strings.FieldsFunc(cell("products"), func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		id, there := k.products[slug]
		in.Check(there, "products", "import-unknown", "name", short(slug))
		if there && !slices.Contains(n.Products, id) {
			n.Products = append(n.Products, id)
		}
	}
	n.Source = l.source(in, k)
	in.Problems = append(in.Problems, fault.Problems(n.check(seat.Private))...)
	return n
}

var comparators = map[string]Comparator{"≤": AtMost, "<=": AtMost, "<": Below, "=": Equals, "≥": AtLeast, ">=": AtLeast, ">": Above, "–": Between, "..": Between}

func (l Line) target(in *fault.Invalid) Target {
	t := Target{Measure: oneLine(l.Cells["measure"]), Comparator: Comparator(strings.ToLower(oneLine(l.Cells["comparator"]))), Unit: oneLine(l.Cells["unit"])}
	if sign, ok := comparators[oneLine(l.Cells["comparator"])]; ok {
		t.Comparator = sign
	}
	value, to := oneLine(l.Cells["target"]), oneLine(l.Cells["target_to"])
	in.Check((value == "") == (t.Comparator == Open), "comparator", "import-comparator")
	in.Check(to == "" || t.Comparator == Between, "target_to", "import-between")
	in.Check(t.Unit == "" || value != "", "unit", "import-unit-alone")
	odd := strings.ContainsAny(t.Unit, "<>=≤≥;") || decimal.MatchString(t.Unit)
	in.Check(!odd, "unit", "import-unit", "name", short(t.Unit))
	var ok bool
	if value != "" {
		t.Value, ok = readDecimal(value)
		in.Check(ok, "target", "number")
	}
	if t.Comparator == Between {
		t.To, ok = readDecimal(to)
		in.Check(ok, "target_to", "number")
		if !ok {
			t.To = t.Value + 1 // told already
		}
	}
	return t
}

var decimal = regexp.MustCompile(`^[-−]?\d+([.,]\d+)?$`)

// readDecimal reads a number with a point or a comma. "1,000" could be a thousand or one, and is neither.
func readDecimal(text string) (float64, bool) {
	if !decimal.MatchString(text) {
		return 0, false
	}
	if _, after, comma := strings.Cut(text, ","); comma && len(after) == 3 {
		return 0, false
	}
	x, err := strconv.ParseFloat(strings.NewReplacer(",", ".", "−", "-").Replace(text), 64)
	return x, err == nil && finite(x)
}

// source that the line names; nil where it names none.
func (l Line) source(in *fault.Invalid, k known) *NewSource {
	cell := func(name string) string { return oneLine(l.Cells[name]) }
	n := NewSource{Form: SourceForm(strings.ToLower(cell("source_form"))), Document: cell("document"), URL: cell("url"), Words: strings.ReplaceAll(l.Cells["words"], "\r\n", "\n"), SpeakerName: cell("speaker"),
		Perspective: community.Perspective(strings.ToLower(cell("perspective"))), Organisation: cell("organisation")}
	if n == (NewSource{}) && cell("source_item") == "" && cell("said_on") == "" {
		return nil
	}
	if code := strings.ToUpper(cell("source_item")); code != "" {
		n.Item = k.items[code]
		const field = "source_item"
		in.Check(n.Item != 0, field, "import-unknown", "name", short(code))
		if n.Form == "" && strings.HasPrefix(code, "M-") {
			n.Form = FromMeeting
		} else if n.Form == "" {
			n.Form = FromDiscussion
		}
		in.Check(n.Form == FromMeeting && strings.HasPrefix(code, "M-") || n.Form == FromDiscussion && strings.HasPrefix(code, "T-"), field, "import-form")
	}
	if n.Form == "" && (n.Document != "" || n.URL != "") {
		n.Form = FromDocument
	} else if n.Form == "" {
		n.Form = FromPerson
	}
	if day := cell("said_on"); day != "" {
		on, err := time.Parse(time.DateOnly, day)
		in.Check(err == nil && on.Year() >= 1900 && on.Year() <= 2200, "said_on", "date")
		n.SaidOn = &on
	}
	return &n
}
