package criteria

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/listing"
)

// exported are the columns of an export: what an import takes, then what came of it.
var exported = slices.Concat(criterion.Columns, criterion.Told)

var numericColumns = map[string]bool{"target": true, "target_to": true, "stakeholder_n": true, "stakeholder_median": true, "scientist_n": true, "scientist_median": true}

func (h handlers) registerAs(w http.ResponseWriter, r *http.Request) error {
	f := readRegister(r)
	f.Most = listing.Most
	x, err := h.registerList(r, f)
	if err != nil {
		return err
	}
	behind, err := h.Criteria.Trace(r.Context(), here(r).Seat, x.Rows)
	if err != nil {
		return err
	}
	format := chi.URLParam(r, "format")
	older := x.older()
	if older != "" {
		older = link.As(older, format)
	}
	listing.Older(w, older)
	var table [][]string
	all := []map[string]string{}
	for _, row := range x.Rows {
		cells := exportCells(r.Context(), x.Slug, row, behind[row.ID])
		line, object := make([]string, len(exported)), map[string]string{}
		for n, name := range exported {
			if line[n] = cells[name]; line[n] != "" {
				object[name] = line[n]
			}
		}
		table, all = append(table, line), append(all, object)
	}
	switch format {
	case "csv":
		return listing.CSV(w, x.Slug+"-criteria", exported, table)
	case "xlsx":
		return listing.XLSX(w, x.Slug+"-criteria", exported, table, numericColumns)
	}
	return listing.JSON(w, map[string]any{"community": x.Slug, "criteria": all, "older": older})
}

// exportCells are the cells of a criterion by column; of its sources the first.
func exportCells(ctx context.Context, slug string, r criterion.RegisterRow, t *criterion.Traced) map[string]string {
	cells := map[string]string{"number": code(r.Number), "statement": r.Statement, "why": t.Why, "language": string(r.Lang), "audience": r.Audience.Word(), "state": string(r.State), "category": r.Category,
		"measure": r.Target.Measure, "comparator": string(r.Target.Comparator), "unit": r.Target.Unit, "products": strings.Join(r.Products, "; "), "agreed_on": dayText(r.AgreedOn), "fulfilment": string(r.Fulfilment),
		"active_at": r.ActiveAt.UTC().Format(time.RFC3339), "page": link.Criterion(slug, r.Number)}
	if r.Target.Numeric() {
		cells["target"] = criterion.Number(r.Target.Value)
	}
	if r.Target.Comparator == criterion.Between {
		cells["target_to"] = criterion.Number(r.Target.To)
	}
	for name, g := range map[string]criterion.Group{"stakeholder": r.Importance.Stakeholder, "scientist": r.Importance.Scientist} {
		if g.N > 0 {
			cells[name+"_n"], cells[name+"_median"] = strconv.Itoa(g.N), criterion.Number(g.Median)
		}
	}
	var asked []string
	for _, p := range r.Asked {
		asked = append(asked, string(p))
	}
	cells["asked_by"] = strings.Join(asked, "; ")
	if len(t.Sources) > 0 {
		sourceCells(ctx, cells, t.Sources[0])
	}
	return cells
}

func sourceCells(ctx context.Context, cells map[string]string, s criterion.TracedSource) {
	switch {
	case s.Kind == "meeting":
		cells["source_form"], cells["source_item"] = "meeting", "M-"+strconv.Itoa(s.Number)
	case s.Kind != "":
		cells["source_form"], cells["source_item"] = "discussion", "T-"+strconv.Itoa(s.Number)
	case s.Form == criterion.FromDocument || s.Form == criterion.FromPerson:
		cells["source_form"] = string(s.Form)
	}
	cells["document"], cells["url"], cells["words"], cells["organisation"], cells["perspective"], cells["said_on"] = s.Document, s.URL, s.Words, s.Organisation, string(s.Perspective), dayText(s.SaidOn)
	if s.Speaker != "" {
		cells["speaker"] = locale.Name(ctx, s.Speaker)
	}
}

func dayText(day *time.Time) string {
	if day == nil {
		return ""
	}
	return day.Format(time.DateOnly)
}
