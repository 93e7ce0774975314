package meetings

import (
	"context"
	"fmt"
	"strings"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
)

// markdown is the minutes as a text to keep or send on.
func (x minutes) markdown(ctx context.Context) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	fact := func(key, text string) {
		if text != "" {
			line("- **%s:** %s", locale.T(ctx, key), text)
		}
	}
	line("# %s", flat(x.Title))
	line("")
	line("- %s · %s", code(x.Number), locale.T(ctx, "meetings.minutes."+string(x.Minutes)))
	if x.StartsAt != nil {
		fact("meetings.field.when", locale.Span(ctx, *x.StartsAt, *x.EndsAt, x.Location()))
	}
	fact("meetings.field.place", flat(x.Place))
	names, others := x.present(ctx)
	if others > 0 {
		names = append(names, locale.N(ctx, "minutes.others", others))
	}
	fact("minutes.present", strings.Join(names, ", "))
	fact("minutes.apologies", x.apologies(ctx))
	fact("minutes.writers", x.writers(ctx))
	if x.M.ApprovedAt != nil {
		fact("minutes.approved", locale.Day(ctx, x.M.ApprovedAt.In(x.Location()))+", "+locale.Name(ctx, x.M.ApprovedBy))
	}
	for _, sum := range []struct {
		key  string
		form meeting.LineForm
	}{{"minutes.decisions", meeting.DecidedLine}, {"minutes.actions", meeting.TodoLine}} {
		if all := x.caught(sum.form); len(all) > 0 {
			line("\n## %s\n", locale.T(ctx, sum.key))
			for _, l := range all {
				line("- %s", plainLine(ctx, l))
			}
		}
	}
	for _, p := range x.filled() {
		line("\n## %s", flat(heading(ctx, p)))
		if p.Body != "" {
			line("\n%s", p.Body)
		}
		if lines := standing(p.Lines); len(lines) > 0 {
			line("")
			for _, l := range lines {
				line("- **%s:** %s", locale.T(ctx, "minutes.form."+string(l.Form)), plainLine(ctx, l))
			}
		}
	}
	for _, a := range x.M.Addenda {
		line("\n## %s\n\n%s", locale.T(ctx, "minutes.addendum-of", "n", a.N, "day", locale.Day(ctx, a.At.In(x.Location())), "name", locale.Name(ctx, a.By)), a.Body)
	}
	return b.String()
}

// plainLine is a line with all that belongs to it, on one line.
func plainLine(ctx context.Context, l meeting.MinuteLine) string {
	text := flat(l.Body)
	if c := lineCode(l); c != "" {
		text = c + " · " + text
	}
	var more []string
	add := func(key, value string) {
		if value != "" {
			more = append(more, locale.T(ctx, key)+": "+flat(value))
		}
	}
	if l.Speaker.Name != "" {
		add("minutes.speaker", locale.Name(ctx, l.Speaker.Name))
	}
	add("minutes.who", doers(ctx, l))
	if l.Due != nil {
		add("minutes.due", locale.Day(ctx, *l.Due))
	}
	add("minutes.why", l.Why)
	add("minutes.rejected", l.Rejected)
	if l.Review != nil {
		add("minutes.review", locale.Day(ctx, *l.Review))
	}
	if len(more) > 0 {
		text += " (" + strings.Join(more, "; ") + ")"
	}
	return text
}

// flat is a text on one line.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }
