package ui

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"

	"urbanfluxes.eu/koinon/internal/locale"
)

// Spoken is a value that is rendered in its own language.
type Spoken interface {
	comparable
	Speaks() locale.Lang
}

// Kept renders each of equal values once, and remembers the HTML of the lately used ones.
//
// The rule: the value holds everything that its HTML is made of: texts, addresses, moments as they are told, what the reader may do.
// So it may serve every reader whose value is equal. Kept renders with a context that knows the value's language and nothing else:
// neither the reader nor the hour can slip in beside the value.
type Kept[V Spoken] struct {
	render func(V) templ.Component
	most   int // bytes of one generation

	mu         sync.Mutex
	young, old map[V]string
	bytes      int // of the young
}

// overhead is about what a kept value weighs beside its HTML, which holds most of its texts once more.
const overhead = 1 << 10

// Keep makes a Kept of at most so many bytes, about.
func Keep[V Spoken](most int, render func(V) templ.Component) *Kept[V] {
	return &Kept[V]{render: render, most: most / 2, young: map[V]string{}}
}

// Of is the component of a value.
func (k *Kept[V]) Of(value V) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		html, ok := k.known(value)
		if !ok {
			var b bytes.Buffer
			if err := k.render(value).Render(locale.With(context.Background(), value.Speaks()), &b); err != nil {
				return err
			}
			html = b.String()
			k.learn(value, html)
		}
		_, err := io.WriteString(w, html)
		return err
	})
}

func (k *Kept[V]) known(value V) (string, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	html, ok := k.young[value]
	if !ok {
		if html, ok = k.old[value]; ok {
			k.add(value, html)
		}
	}
	return html, ok
}

func (k *Kept[V]) learn(value V, html string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.add(value, html)
}

// add makes a value one of the young; when they weigh too much they grow old, and what was old goes.
func (k *Kept[V]) add(value V, html string) {
	if _, ok := k.young[value]; ok {
		return
	}
	if k.bytes += 2*len(html) + overhead; k.bytes > k.most {
		k.old, k.young, k.bytes = k.young, map[V]string{}, 2*len(html)+overhead
	}
	k.young[value] = html
}
