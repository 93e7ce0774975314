package ui_test

import (
	"context"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/a-h/templ"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

type greeting struct {
	lang locale.Lang
	name string
}

func (g greeting) Speaks() locale.Lang { return g.lang }

// greetings counts how often one is rendered.
func greetings(most int) (*ui.Kept[greeting], *int) {
	n := 0
	return ui.Keep(most, func(g greeting) templ.Component {
		n++
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			_, err := io.WriteString(w, string(locale.Of(ctx))+" "+g.name+" "+visit.Of(ctx).Path)
			return err
		})
	}), &n
}

func said(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	ctx := visit.With(locale.With(t.Context(), locale.French), &visit.Visit{Path: "/secret"})
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEqualValuesAreRenderedOnceAndNothingOfTheRequestSlipsIn(t *testing.T) {
	t.Parallel()
	kept, n := greetings(1 << 20)
	for range 3 {
		for _, g := range []greeting{{locale.German, "a"}, {locale.Greek, "a"}, {locale.German, "b"}} {
			if got, want := said(t, kept.Of(g)), string(g.lang)+" "+g.name+" "; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
	if *n != 3 {
		t.Errorf("rendered %d times, want 3", *n)
	}
}

func TestWhatWasNotUsedLatelyIsForgotten(t *testing.T) {
	t.Parallel()
	kept, n := greetings(20 << 10) // about twenty of them
	often := greeting{locale.English, "often"}
	for i := range 200 {
		said(t, kept.Of(greeting{locale.English, strconv.Itoa(i)}))
		said(t, kept.Of(often))
	}
	if *n != 201 {
		t.Errorf("rendered %d times, want each of 200 once and the one used often once", *n)
	}
	if said(t, kept.Of(greeting{locale.English, "0"})); *n != 202 {
		t.Error("the first is still kept after 200 others")
	}
}

func TestManyReadersMayAskAtOnce(t *testing.T) {
	t.Parallel()
	kept := ui.Keep(8<<10, func(g greeting) templ.Component { return templ.Raw(g.name) })
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range 300 {
				name := strconv.Itoa(i % 40)
				var b strings.Builder
				if err := kept.Of(greeting{name: name}).Render(context.Background(), &b); err != nil || b.String() != name {
					t.Errorf("got %q, %v, want %q", b.String(), err, name)
				}
			}
		})
	}
	wait.Wait()
}
