package programme

import (
	"reflect"
	"time"
)

const lately = time.Hour // before now: where the newest moment of a shifted programme lies

// shift moves every moment so that the newest one lies shortly before now. Days of the calendar stay, but for those by which
// something is needed: they keep their distance. So do meetings that are still to come; those that are over stay.
func (b *book) shift(now time.Time) {
	newest := time.Time{}
	moments(reflect.ValueOf(b), func(m *Moment) {
		if m.After(newest) {
			newest = m.Time
		}
	}, func(*due) {}, func(*meets) {})
	if newest.IsZero() {
		return
	}
	ahead := newest
	by := now.Add(-lately).Sub(newest).Truncate(time.Microsecond)
	moments(reflect.ValueOf(b), func(m *Moment) {
		if !m.IsZero() {
			m.Time = m.Add(by)
		}
	}, func(d *due) {
		if !d.IsZero() {
			d.Time = d.Add(by).Truncate(24 * time.Hour)
		}
	}, func(m *meets) {
		if m.After(ahead) { // by whole days, so that it keeps its hour
			m.Time = m.Add(by.Truncate(24 * time.Hour))
		}
	})
}

// moments visits every moment, every due day and every moment of a meeting of a book once.
func moments(v reflect.Value, moment func(*Moment), day func(*due), meeting func(*meets)) {
	seen := map[any]bool{}
	var visit func(reflect.Value)
	visit = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() && !seen[v.Interface()] {
				seen[v.Interface()] = true
				visit(v.Elem())
			}
		case reflect.Interface:
			visit(v.Elem())
		case reflect.Slice:
			for n := range v.Len() {
				visit(v.Index(n))
			}
		case reflect.Struct:
			if v.CanInterface() {
				switch one := v.Addr().Interface().(type) {
				case *Moment:
					moment(one)
					return
				case *due:
					day(one)
					return
				case *meets:
					meeting(one)
					return
				}
			}
			for n := range v.NumField() {
				if f := v.Type().Field(n); f.IsExported() || f.Anonymous {
					visit(v.Field(n))
				}
			}
		}
	}
	visit(v)
}
